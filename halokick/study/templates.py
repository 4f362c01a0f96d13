"""Run files to begin with: ``halokick init KIND`` prints them, and the folder runs/ of the source tree holds them."""

TEMPLATES = {
    "quick": """\
# Seconds: two kicks in a Galactic halo. Change it, then: halokick run quick.toml

[halo]
profile = "zhao"              # rho ~ r^-gamma (1 + (r/r_s)^alpha)^((gamma - beta)/alpha)
gamma = 1.2                   # inner slope; alpha = 1 and beta = 3 unless given
r_s = "20 kpc"
dispersion = "94 km/s"        # isotropic one-dimensional velocity dispersion at ...
dispersion_radius = "1 kpc"   # ... this radius: it fixes the density

[decay]
kick_speed = ["54 km/s", "218 km/s"]

[method]
name = "phase_mixing"         # or "ergodic", "orbits"
r_min = "0.01 kpc"
r_max = "200 kpc"
n_radii = 32

[observer]
distance = "8.2 kpc"          # from the centre of the halo
angles = ["0.5 deg", "1 deg", "5 deg"]   # half-angles of cones around the centre
""",
    "milky_way": """\
# The halo and the kicks of Figs. 3 and 8 of Hardy, Lasenby & Unwin (2014).

[halo]
profile = "zhao"              # nfw, generalised_nfw, hernquist, jaffe, plummer, einasto, burkert,
gamma = 1.2                   # cored_isothermal and tabulated are the other shapes
r_s = "20 kpc"
# Exactly one of these fixes the density:
#   rho_s = "6.9e6 Msun/kpc3"
#   mass = "1e12 Msun", mass_radius = "200 kpc"
#   virial_mass = "1e12 Msun" (overdensity = "200c"), with r_s, concentration or concentration_relation
#   local_density = "0.4 GeV/cm3", local_radius = "8.2 kpc"
dispersion = "94 km/s"        # isotropic one-dimensional dispersion in the halo's own gravity at ...
dispersion_radius = "1 kpc"   # ... this radius
# r_t = "200 kpc"             # density times exp(-(r/r_t)^2)
# baryons = ["MWPotential2014"]   # bulge and disk, spherically averaged; or galpy potentials with arguments:
# baryons = [{name = "MiyamotoNagaiPotential", amp = "6.8e10 Msun", a = "3 kpc", b = "0.28 kpc"}]
# potential = "McMillan17"    # the total instead, in which the density is only a tracer: a galpy potential or a list
# ro = "8 kpc"                # galpy's scales of potentials with arguments; and vo = "220 km/s"

[decay]
kick_speed = ["10 km/s", "25 km/s", "54 km/s", "76 km/s", "109 km/s", "163 km/s", "218 km/s", "300 km/s", "400 km/s"]
# law = "two_body"            # from masses: parent_mass = "100 GeV", splitting = ["18 MeV", "36 MeV"]
# law = "phase_space"         # n_bodies = 3, max_speed = "109 km/s"
# Today's shares; without a lifetime all densities are as if each species were all of the dark matter.
lifetime = "100 Gyr"
parent_share = 0.5            # f_B; the rest, f_L, is in the daughters' species from the beginning

[method]
name = "phase_mixing"
# options = ["streaming", "early_capture"]   # besides the bound part: escapers, daughters born before the halo
# outer_cut = "250 kpc"       # leave out bound daughters that travel farther than this

[observer]
distance = "8.2 kpc"
angles = ["0.1 deg", "0.5 deg", "1 deg", "5 deg", "10 deg"]
""",
    "dwarfs": """\
# Where the Galactic centre still shines and the dwarf galaxies have gone dark, against the kick speed.

[halo]                        # the host; without it, and without host below, the dwarfs alone
profile = "zhao"
gamma = 1.2
r_s = "20 kpc"
dispersion = "94 km/s"
dispersion_radius = "1 kpc"

[decay]
kick_speed = [
    "1 km/s", "2 km/s", "3 km/s", "4 km/s", "5 km/s", "6 km/s", "8 km/s", "10 km/s", "12 km/s", "15 km/s",
    "20 km/s", "25 km/s", "30 km/s", "35 km/s", "40 km/s", "50 km/s", "60 km/s", "75 km/s", "100 km/s", "150 km/s",
]

[observer]
distance = "8.2 kpc"
angles = ["1 deg"]

[dwarfs]
catalogue = "builtin"         # or a CSV or ECSV file with the column names of the Local Volume Database
# names = ["Draco", "Segue 1"]   # all of them if left out
angles = ["0.5 deg"]          # half-angles of cones
draws = 200                   # of dispersion, distance and halo, for the 16-84 % bands
host = "halo"                 # tides, and daughters passing through, are those of [halo]; or "milky_way" without one
""",
    "disk": """\
# A galaxy with a disk: daughters are not spherical then, and their orbits are integrated in the true potential.

[halo]
profile = "nfw"               # the halo of MWPotential2014, Bovy (2015), and its bulge and disk as they are
r_s = "16 kpc"
local_density = "0.008 Msun/pc3"
local_radius = "8 kpc"
baryons = ["MWPotential2014"]   # or any galpy potentials with arguments, bars too:
# baryons = [{name = "MiyamotoNagaiPotential", amp = "6.8e10 Msun", a = "3 kpc", b = "0.28 kpc"}]
# potential = "MWPotential2014"   # instead of baryons: the total potential, in the same words; or tilted:
# potential = {name = "RotateAndTiltWrapperPotential", zvec = [0.1, 0, 1], pot = "MWPotential2014"}

[decay]
kick_speed = ["54 km/s", "218 km/s"]

[method]
name = "orbits"
path = "integrated"           # "auto" does where it is not spherical, "exact" takes the mean over spheres
n = 600_000
seed = 1
sampling = "mass"             # "stratified" fills the centre too, and takes ten times as long
r_min = "0.5 kpc"             # edges of the shells of the profile
r_max = "60 kpc"
n_radii = 16
grid = "rings"                # of R and |z|; "boxes" of x, y, z in a bar's frame
grid_extent = "40 kpc"
grid_cells = 24               # from 0 to the extent, finer towards the centre
# duration = "10 Gyr"         # 13.8 Gyr unless given; or options = ["finite_age"] with a lifetime in [decay]
# tolerance = 1e-6            # of each daughter's energy over the whole time
# control = false             # do without the same parents left unkicked, in half the time
# growth = "wechsler_2002"    # the potential grew to what it is today; with a duration up to the age of the universe

[observer]
distance = "8.2 kpc"
angles = ["10 deg", "30 deg", "180 deg"]
""",
    "sky": """\
# What a telescope sees of the Milky Way's halo: maps, relative speeds and fluxes, for four kicks.

[halo]
profile = "zhao"
gamma = 1.2
r_s = "20 kpc"
dispersion = "94 km/s"
dispersion_radius = "1 kpc"

[decay]
kick_speed = ["25 km/s", "54 km/s", "109 km/s", "218 km/s"]
lifetime = "100 Gyr"          # with the next line it says how much there is of each species today, which fluxes need;
parent_share = 0.5            # without a lifetime [flux] takes shares = [primordial, kicked] instead

[observer]
distance = "8.2 kpc"
angles = ["0.5 deg", "1 deg", "5 deg"]

[annihilation]                # sigma v = (sigma v)_0 S(v_rel/c), v_rel = |v_1 - v_2|. Without this section S = 1.
law = ["s_wave", "p_wave", "coulomb"]   # or d_wave, inverse_speed, hulthen, breit_wigner, or "model", that of [model]
alpha = 0.01                  # of coulomb: S -> 2 pi alpha c/v_rel for slow pairs
# law = "hulthen"             # a massive mediator: alpha, mass = "100 GeV", mediator_mass = "1 GeV"
# law = "breit_wigner"        # a pole: pole = "60 km/s" and relative_width = 0.01

[map]
# target = "Draco"            # a dwarf of the catalogue and its halo as in [dwarfs], instead of the halo
grid = "wcs"                  # or "healpix", with nside = 256 and region = "20 deg" (needs the extra "maps")
size = "20 deg"               # take the grid of your analysis: other pixels than these would be wrong near the cusp
pixel = "0.1 deg"
projection = "CAR"
frame = "galactic"
layout = "gammapy"            # or "fermi", an image of integral one; or "clumpy" on healpix
laws = ["s_wave"]             # all of [annihilation] if left out
# kicks = ["109 km/s"]        # all of [decay] if left out
# unkicked = false            # leave out the map without kick

[flux]
mass = "50 GeV"
sigma_v = "3e-26 cm3/s"       # (sigma v)_0: the value at S = 1
spectrum = "power_law"        # dN/dx = norm x^-index exp(-cut x), x = E/mass: near to photons from quarks with
index = 1.5                   # these numbers (Bergstrom, Ullio & Buckley 1998)
cut = 7.8
norm = 0.73
# spectrum = "cosmixs"        # or "pppc4": a table that you have downloaded, and a channel of it
# table = "AtProduction-Gamma.dat"
# channel = "b"
e_min = "0.5 GeV"
e_max = "50 GeV"
n_bins = 24                   # even in ln E
""",
    "limits": """\
# How far a kick weakens a gamma-ray limit from dwarf galaxies, in the plane of cross-section and kick.

[decay]
kick_speed = [
    "3 km/s", "5 km/s", "7 km/s", "10 km/s", "14 km/s", "20 km/s", "25 km/s", "30 km/s", "40 km/s", "50 km/s",
]

[dwarfs]                      # the stack: those of Fermi-LAT's fifteen dwarfs that are in the built-in catalogue
names = [
    "Bootes I", "Canes Venatici II", "Carina", "Coma Berenices", "Draco", "Fornax", "Hercules", "Leo II",
    "Sculptor", "Segue 1", "Sextans", "Ursa Major II", "Ursa Minor", "Willman 1",
]
angles = ["0.5 deg"]
draws = 200                   # their spread is the width of the log-normal J-factors

[annihilation]                # v_rel = |v_1 - v_2|; a limit for every law
law = ["s_wave", "p_wave", "coulomb"]
alpha = 0.01                  # of coulomb: attraction by a mediator without mass

[flux]                        # the particle whose fluxes are listed, and which the picture of the limits shows
mass = "100 GeV"
sigma_v = "1e-25 cm3/s"
shares = [0.5, 0.5]           # of the dark matter today: primordial, and kicked. Pairs are rarer than in self-conjugate
spectrum = "power_law"        # dark matter by 2 f_1 f_2; with a lifetime in [decay] they follow from it
index = 1.5
cut = 7.8
norm = 0.73
e_min = "0.5 GeV"
e_max = "100 GeV"

[limits]
published = "2.21e-26 cm3/s"  # b quarks, 100 GeV, 6 years of fifteen dwarfs: Ackermann et al. (2015), arXiv:1503.02641
# table = "limits.csv"        # instead: limits against mass, in the format of cosmology.limits.user_table
# likelihoods = ["draco.csv", "segue_1.csv"]   # instead: the likelihood of every dwarf, see docs/likelihood_profiles.md
# measured_j = "j.csv"        # J-factors and widths to take in the place of those of the drawn haloes
closures = ["subhaloes", "field_haloes", "field_haloes_capped"]   # at least two: V_max is not measured
largest_v_max = "40 km/s"     # of the last one
prior = "gaussian_in_log_j"   # or "log_normal_in_j", which has the factor 1/J
""",
    "model": """\
# From the couplings of a model to the Milky Way and the dwarf galaxies: B' decays late to anti-L', which annihilates
# with the L' that were always there. Gamma rays from dwarf galaxies would exclude this point, were there no kick.

[model]
name = "regenerated_adm"      # Hardy, Lasenby & Unwin (2014), arXiv:1402.4500
daughter_mass = "10 GeV"      # m_L'; or parent_ratio and daughter_ratio, asymmetries over that of baryons
parents_per_daughter = 1.0    # as many B' as L' before decays
splitting = "1.9 MeV"         # m_B' - m_L': largest kick = splitting / m_L' x c
operator_scale = "1.6e6 GeV"  # of (B'L')(N1 N2)/scale^2: sets the lifetime; or lifetime = "20 Gyr" itself
annihilation = "vector_pair"  # L' anti-L' -> V V; or "pseudoscalar", "constant"
coupling = 0.115              # of V to L' and B': freeze-out, annihilation today, self-scattering
mediator_mass = "2 GeV"
final_state = "mumu"          # what limits from photons and the CMB are read for
asymmetry_temperature = "50 GeV"   # from when on the asymmetry exists; the decay's operator must not wash it out

# Lifetime, kick and shares come from [model], so there is no [decay]; it may hold the time over which decays count:
# [decay]
# age = "13.8 Gyr"

[halo]
profile = "zhao"              # rho ~ r^-gamma (1 + (r/r_s)^alpha)^((gamma - beta)/alpha)
gamma = 1.2
r_s = "20 kpc"
dispersion = "94 km/s"
dispersion_radius = "1 kpc"
r_t = "200 kpc"               # density times exp(-(r/r_t)^2): a halo whose gravity follows its decays has a finite mass

[method]
name = "auto"                 # half of the B' are gone: in a potential that did not follow, J would be a third too high
n = 131072                    # orbits; their number sets how far in the halo is resolved

[observer]
distance = "8.2 kpc"
angles = ["0.5 deg", "1 deg", "5 deg"]

[dwarfs]                      # Fermi-LAT's combined limit is read through the suppression of those among its fifteen;
                              # Leo IV, the last of them, is not in the built-in catalogue
names = [
    "Bootes I", "Canes Venatici II", "Carina", "Coma Berenices", "Draco", "Fornax", "Hercules", "Leo II",
    "Sculptor", "Segue 1", "Sextans", "Ursa Major II", "Ursa Minor", "Willman 1",
]
angles = ["0.5 deg"]
draws = 100
host = "halo"
""",
    "batch": """\
# A grid of studies: every halo slope with every kick. Change it, then: halokick batch batch.toml --workers 4

[batch.grid]                  # any keys of a run file, each with the values it takes in turn: all combinations are run,
"halo.gamma" = [0.8, 1.0, 1.2, 1.4]   # in the order of the file, the last key varying fastest
"decay.kick_speed" = ["25 km/s", "54 km/s", "109 km/s", "218 km/s"]

# [batch.zip]                 # keys that go together, one study for each pair:
# "halo.r_s" = ["15 kpc", "20 kpc"]
# "halo.dispersion" = ["80 km/s", "94 km/s"]

# The rest is a run file like any other; what the grid gives need not be in it.
[halo]
profile = "zhao"
r_s = "20 kpc"
dispersion = "94 km/s"
dispersion_radius = "1 kpc"

[method]
name = "phase_mixing"         # with "orbits" and without a grid, particles are divided among the workers instead:
r_min = "0.01 kpc"            # [batch] with chunks_per_task = 8, of 131072 decays each, sets how finely
r_max = "200 kpc"
n_radii = 32

[observer]
distance = "8.2 kpc"
angles = ["0.5 deg", "1 deg", "5 deg"]
""",
}
