"""Where gravity has to follow the decays: errors of a potential that stays, over decays and kicks, in an NFW halo."""

import warnings

import numpy as np
from astropy.table import QTable
from benchmark import BLUE, DASH_DOTTED, DOTTED, GREEN, command_line, write
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D

import halokick as hk
from halokick.errors import ConvergenceError, InputError
from halokick.study.plots import new_figure, styled
from halokick.study.progress import TerminalProgress
from halokick.units import Quantity

AGE = Quantity(13.8, "Gyr")
R_S, R_T = Quantity(1.0, "kpc"), Quantity(10.0, "kpc")
LAST = 3.0
"""Largest Gamma t0."""
CHECKED = {0.3: (0.3, 1.0), 0.65: (0.1, 0.3, 1.0), 1.3: (0.1, 0.3, 1.0), 3.0: (0.1, 0.3)}
"""Kicks [V_max] and Gamma t0 at which particles are followed."""
ORBITS, PARTICLES = 16384, 32768
INNER = 0.02
"""First radius of J in r_s: inside it neither method has particles."""
QUANTITIES = {
    "mass": r"$M(<r_s)$",
    "density": r"$\rho(r_s)$",
    "j_0.1": r"$J$ inside $0.1\,r_s$",
    "j_1": r"$J$ inside $r_s$",
    "j_10": r"$J$ inside $10\,r_s$",
}
LEVELS = (0.0, 1.05, 1.3, 2.0, 5.0, 20.0, 100.0, 1e12)
NAMES = ("", "1.05", "1.3", "2", "5", "20", "100", "")
COLOURS = ("#f4f4f0", "#fde7b5", "#f9bf73", "#f0915c", "#d95f4c", "#b03046", "#6d1a36")
"""Of the ratio to the live halo."""
WARN, REFUSE = 0.05, 0.3
NEGLIGIBLE, SLOW = 0.02, 0.3
"""Where `choose_method` goes over to another method."""

CAPTION = (
    "Mass, density and J = int rho^2 dV of all dark matter in a potential that stays, over those of a halo whose "
    "gravity follows its decays, by orbit iteration; circles: by live N-body, so that circles which vanish agree. NFW "
    "times exp[-(r/10 r_s)^2], 13.8 Gyr = 755 r_s/V_0, as for a dwarf; J from 0.02 r_s on. Black lines: the fixed "
    "potential is 5 and 30 per cent wrong; halokick warns of it, and quotes no J from it, where its own estimate "
    "reaches these. Left of the dotted line method = auto keeps the fixed potential (estimate below 2 per cent for M "
    "and J from 0.1 r_s to the peak of the circular speed), right of the dash-dotted line it takes N-body (decays "
    "change the mass by 0.3 in an orbital period). Hatched, if anywhere: too few orbits are left to say."
)


def halo():
    """The parents, and the peak of the circular speed."""
    profile = hk.TruncatedProfile(hk.NFWProfile(r_s=R_S, rho_s="5.3e7 Msun/kpc3"), r_t=R_T)
    df = hk.ErgodicDF(hk.Halo(profile))
    return df, np.max(df.halo.circular_speed(np.geomspace(0.5, 8.0, 400) * R_S))


def numbers_of(profile):
    """What the map shows, of one density: dict."""
    radius = np.geomspace(INNER, 9.9, 400) * R_S
    radius = radius[radius < profile.r_max] if hasattr(profile, "r_max") else radius
    inside = (profile.density(radius) ** 2 * radius**3).value
    log_r = np.log(radius.value)
    cumulated = np.concatenate([[0.0], np.cumsum(0.5 * (inside[1:] + inside[:-1]) * np.diff(log_r))])
    found = {"mass": profile.mass(R_S).value, "density": profile.density(R_S).value}
    for name in ("j_0.1", "j_1", "j_10"):
        found[name] = float(np.interp(np.log(float(name[2:])), log_r, cumulated))
    return found


def evolve(df, kick, gammas, method, n=None, counter=None):
    """Halo at each Gamma t0, as far as it can be followed: list of dicts, None beyond.

    The lifetime is such that the last is reached today; what counts is the decayed share, not the rate.
    """
    for last in range(len(gammas), 0, -1):
        history = hk.DecayHistory(AGE / gammas[last - 1], age=AGE)
        times = AGE * (np.asarray(gammas[:last]) / gammas[last - 1])
        given = {} if n is None else {"n": n}
        try:
            with warnings.catch_warnings():
                # of orbits where decays are fast: the map shows where
                warnings.simplefilter("ignore", UserWarning)
                live = hk.evolve_halo(df, kick, history, times=times, method=method, progress=counter, **given)
        except (ConvergenceError, InputError):
            continue
        known = [None if snapshot.total is None else numbers_of(snapshot.total) for snapshot in live]
        return known + [None] * (len(gammas) - last)
    return [None] * len(gammas)


def rows_of(df, v_max, share, gammas, method, n, counter=None):
    """Rows of the table for one kick."""
    kick = hk.FixedKick(share * v_max)
    fixed = evolve(df, kick, gammas, "fixed")
    for gamma, still, moved in zip(gammas, fixed, evolve(df, kick, gammas, method, n, counter), strict=True):
        row = {"method": method, "kick": share, "gamma_t0": gamma, "decayed_share": -np.expm1(-gamma)}
        for name in QUANTITIES:
            row[name] = np.nan if moved is None else still[name] / moved[name] - 1
        radius = np.geomspace(0.1, 2.1, 5) * R_S
        choice = hk.choose_method(df, kick, hk.DecayHistory(AGE / gamma, age=AGE), radius)
        row["estimate"], row["change_per_period"] = choice.estimate.worst, choice.change_per_period
        yield row


def curves(quick):
    """The map, by orbits, and the points, by particles."""
    df, v_max = halo()
    kicks = np.geomspace(0.2, 4.0, 6 if quick else 14)
    gammas = np.geomspace(0.02, LAST, 6 if quick else 16)
    progress = TerminalProgress()
    rows = []
    for share in progress.steps(list(kicks), "kicks, orbits"):
        rows += rows_of(df, v_max, share, gammas, "orbit_iteration", 4096 if quick else ORBITS)
    for share in progress.steps([] if quick else list(CHECKED), "kicks, particles"):
        rows += rows_of(df, v_max, share, np.array(CHECKED[share]), "live", PARTICLES, progress.counter(f"{share}"))
    table = QTable(rows)
    maps = table[table["method"] == "orbit_iteration"]
    numbers = {"v_max [km/s]": float(v_max.value)}
    for share in (0.3, 0.65, 1.3, 3.0):
        for name in QUANTITIES:
            numbers[f"{name}, {share} V_max, share decayed at 5 %"] = first_share(maps, share, name)
    for row in table[table["method"] == "live"]:
        for name in ("mass", "j_1"):
            where = f"{name}, {row['kick']} V_max, {row['gamma_t0']}: fixed over N-body, over orbits"
            other = interpolated(maps, row["kick"], row["gamma_t0"], name)
            numbers[where] = [round(float(1 + row[name]), 3), round(1 + other, 3)]
    table.meta = {
        "caption": CAPTION,
        "numbers": numbers,
        "columns": "kick in V_max; mass to j_10: fixed potential over live halo, minus 1; estimate: by choose_method",
    }
    return table


def grid(table, name):
    """Kicks, Gamma t0, and one column over both."""
    kicks, gammas = np.unique(table["kick"]), np.unique(table["gamma_t0"])
    return kicks, gammas, np.asarray(table[name]).reshape(len(kicks), len(gammas))


def along_gamma(table, share, name):
    """ln Gamma t0, and ln of the ratio at a kick between those of the map."""
    kicks, gammas, values = grid(table, name)
    logs = np.log1p(values)
    return np.log(gammas), np.array([np.interp(np.log(share), np.log(kicks), column) for column in logs.T])


def interpolated(table, share, gamma, name):
    """Error at a point of the map."""
    log_gamma, logs = along_gamma(table, share, name)
    return float(np.expm1(np.interp(np.log(gamma), log_gamma, logs)))


def first_share(table, share, name):
    """Decayed share at which the error is 5 per cent; nan if it never is."""
    log_gamma, logs = along_gamma(table, share, name)
    above = np.flatnonzero(logs >= np.log1p(WARN))
    if len(above) == 0:
        return float("nan")
    i = max(int(above[0]), 1)
    place = np.interp(np.log1p(WARN), logs[i - 1 : i + 1], log_gamma[i - 1 : i + 1])
    return round(float(-np.expm1(-np.exp(place))), 4)


@styled
def draw(table):
    """One panel for each quantity, and one for the legend."""
    figure, panels = new_figure(2, 3, size=(9.6, 7.2), sharex=True, sharey=True)
    colours, norm = ListedColormap(COLOURS), BoundaryNorm(LEVELS, len(COLOURS))
    maps, checked = table[table["method"] == "orbit_iteration"], table[table["method"] == "live"]
    for axes, (name, label) in zip(panels.flat, QUANTITIES.items(), strict=False):
        kicks, gammas, values = grid(maps, name)
        axes.patch.set(hatch="////", edgecolor="0.7", facecolor="white")
        shown = axes.contourf(gammas, kicks, 1 + values, levels=LEVELS, cmap=colours, norm=norm)
        for level, width in ((WARN, 0.9), (REFUSE, 2.0)):
            axes.contour(gammas, kicks, values, levels=[level], colors="black", linewidths=width)
        for column, level, dashes, colour in (
            ("estimate", NEGLIGIBLE, DOTTED, BLUE),
            ("change_per_period", SLOW, DASH_DOTTED, GREEN),
        ):
            *_, estimate = grid(maps, column)
            axes.contour(gammas, kicks, estimate, levels=[level], colors=colour, linestyles=[dashes], linewidths=1.6)
        ratio = 1 + checked[name]
        axes.scatter(checked["gamma_t0"], checked["kick"], c=ratio, cmap=colours, norm=norm, s=42, ec="0.25", zorder=3)
        axes.set(xscale="log", yscale="log", title=label)
        axes.set_yticks([0.2, 0.5, 1, 2, 4], labels=["0.2", "0.5", "1", "2", "4"])
        axes.set_xticks([0.03, 0.1, 0.3, 1, 3], labels=["0.03", "0.1", "0.3", "1", "3"])
        axes.minorticks_off()
    for axes in (*panels[1, :2], panels[0, 2]):
        axes.set_xlabel(r"$\Gamma t_0$")
        axes.tick_params(labelbottom=True)
    for axes in panels[:, 0]:
        axes.set_ylabel(r"$v_k/V_\mathrm{max}$")
    last = panels[1, 2]
    last.set_axis_off()
    lines = [
        Line2D([], [], color="black", linewidth=0.9, label="the fixed potential is 5 % wrong"),
        Line2D([], [], color="black", linewidth=2.0, label="30 %"),
        Line2D([], [], color=BLUE, linestyle=DOTTED, label="auto: fixed to the left, orbits to the right"),
        Line2D([], [], color=GREEN, linestyle=DASH_DOTTED, label="auto: orbits to the left, N-body to the right"),
        Line2D([], [], marker="o", color="0.25", markerfacecolor="white", linestyle="", label="live N-body"),
    ]
    last.legend(handles=lines, loc="upper left")
    bar = figure.colorbar(shown, ax=last, orientation="horizontal", fraction=0.12, aspect=14, ticks=LEVELS)
    bar.ax.set_xticklabels(NAMES)
    bar.set_label("fixed potential over live halo")
    return figure


def main():
    """Solve, draw, write."""
    parser = command_line(__doc__, points=0)
    parser.add_argument("--quick", action="store_true", help="a coarse map without N-body, in seconds")
    options = parser.parse_args()
    table = curves(options.quick)
    write("live_map", table, draw(table), options.output)


if __name__ == "__main__":
    main()
