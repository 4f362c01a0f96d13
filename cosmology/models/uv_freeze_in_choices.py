"""What the equations of ultraviolet freeze-in leave open, each by name, and how the paper's own reading is chosen.

The default of each is what follows from the other equations of Asadi, Moore, Morrissey & Shamma (2025); the other is
what is printed there, or what gives its figures.
"""

from dataclasses import dataclass, fields
from itertools import product

from cosmology.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Choices:
    r"""One reading of the equations.

    Parameters
    ----------
    identical_pairs : {"derived", "paper"}
        Weight of ll -> HH and chi chi -> phi phi in the wash-out. Charge that changes by two, and twice the potential
        on either side, make 4, Eqs. (50), (53); the paper prints 2.
    energy_transfer : {"derived", "paper"}
        Coefficient of T^9 in Eq. (31): 96 from Eq. (77), or the printed 192.
    flavours : {"summed", "single"}
        Whether all three flavours of leptons bring energy to the dark sector, or one.
    dark_charge : {"derived", "paper"}
        chi per unit of L_x. It is 2, since chi has L_x = 1/2 and phi, which has the other half, ends as chi. The paper
        takes 1.
    statistics : {"boltzmann", "quantum"}
        Distributions of the initial states. The paper has Boltzmann's throughout.

    Raises
    ------
    InputError
        An unknown name.
    """

    identical_pairs: str = "derived"
    energy_transfer: str = "derived"
    flavours: str = "summed"
    dark_charge: str = "derived"
    statistics: str = "boltzmann"

    def __post_init__(self):
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                known = ", ".join(map(repr, allowed))
                raise InputError(f"{name} = {getattr(self, name)!r}; allowed: {known}")

    @property
    def pair_weight(self):
        """float : of the two reactions of identical particles, relative to the derived one."""
        return 1.0 if self.identical_pairs == "derived" else 0.5

    @property
    def energy_weight(self):
        """float : of the T^9 term, relative to the derived one."""
        return 1.0 if self.energy_transfer == "derived" else 2.0

    @property
    def chi_per_charge(self):
        """float : chi per unit of L_x."""
        return 2.0 if self.dark_charge == "derived" else 1.0

    def readings(self):
        """All readings with these statistics, a tuple of `Choices`: what an error band goes over."""
        names = [one.name for one in fields(self) if one.name != "statistics"]
        return tuple(
            Choices(**dict(zip(names, one, strict=True)), statistics=self.statistics)
            for one in product(*(CHOICES[name] for name in names))
        )


CHOICES = {
    "identical_pairs": ("derived", "paper"),
    "energy_transfer": ("derived", "paper"),
    "flavours": ("summed", "single"),
    "dark_charge": ("derived", "paper"),
    "statistics": ("boltzmann", "quantum"),
}
"""dict : name -> what it may be, the default first."""
