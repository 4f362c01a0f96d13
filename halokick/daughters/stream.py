"""What the mixed, bound daughters leave out: escapers still on their way, and daughters captured early."""

import numpy as np

from halokick import units
from halokick.daughters.kick_nodes import check_parents_and_kick
from halokick.daughters.phase_mixing import _unit_nodes
from halokick.daughters.radii import one_radius
from halokick.decay.history import DecayHistory, EarlyCapture
from halokick.errors import InputError
from halokick.kernels.stream import escaper_density

_FINE = (48, 16, 48)
_COARSE = (32, 12, 32)
"""Gauss nodes in speed at infinity (each side of the spike), pitch angle, and source position along the orbit."""


def stream_density(df, kick, radii, r_out):
    r"""Density of escaping daughters per unit rate of decay, :math:`\rho_\mathrm{esc}/\Gamma`.

    On an unbound orbit the distribution collects :math:`\Gamma\int h\,dt` from where the parents begin, so inward plus
    outward :math:`f_\mathrm{in} + f_\mathrm{out} = 2\Gamma I(\varepsilon, L)`, :math:`I = \int_{r_p}^{r_\mathrm{out}}
    h\,dr/v_r`, and

    .. math:: \rho_\mathrm{esc} = \Gamma\int_{\varepsilon<0} d\varepsilon\,dL^2\,\frac{2\pi}{r^2 v_r}\, I.

    Exact while the flight through the halo is short compared with the age.

    Parameters
    ----------
    df : ErgodicDF
    kick : KickDistribution
    radii : Quantity [length], shape (n,), inside `r_out`
    r_out : Quantity [length]
        Where the parents stop, for example the virial radius: a modelling choice, since an infinite halo overfills
        the inward stream.

    Returns
    -------
    density, error : Quantity [density * time], each shape (n,)

    Raises
    ------
    InputError
        A radius outside `r_out`, or a halo with an energy cut (its escapers pass an edge that is not at infinity).
    """
    check_parents_and_kick(df, kick)
    halo = df.halo
    if halo.energy_cut is not None:
        raise InputError("a stream of escapers needs the escape energy at infinity; use a halo without energy_cut")
    log_r = np.atleast_1d(np.asarray(halo._log_radius(radii, "radii"), dtype=float))
    if log_r.ndim != 1:
        raise InputError(f"radii have shape {log_r.shape}; give one list of them")
    l_out = float(np.log(one_radius(r_out, "r_out", halo)))
    if np.any(log_r >= l_out):
        raise InputError(f"radii reach {np.exp(log_r.max()):.4g} kpc; a stream is known only inside r_out = {r_out}")
    fine, coarse = (
        sum(
            weight * escaper_density(halo._field, df._table, float(k), log_r, l_out, *_nodes(order))
            for k, weight in zip(*kick.quadrature(), strict=True)
        )
        for order in (_FINE, _COARSE)
    )
    unit = units.attach(1.0, "density") * units.attach(1.0, "time")
    return fine * unit, np.abs(fine - coarse) * unit


def _nodes(order):
    return tuple(part for n in order for part in _unit_nodes(n))


def with_streaming(daughters, df, history, r_out):
    r"""Daughters with their escapers added, as the component ``"streaming"``.

    Per decayed parent the rate today is :math:`\Gamma e^{-\Gamma t_0}/(1 - e^{-\Gamma t_0})`, which is
    :math:`1/t_0` for slow decay. Off in Hardy, Lasenby & Unwin (2014), who keep the bound part alone.

    Parameters
    ----------
    daughters : Daughters
        From `phase_mix` or `phase_mix_ergodic`.
    df : ErgodicDF
    history : DecayHistory
    r_out : Quantity [length]
        Where the parents stop.

    Returns
    -------
    Daughters
        Radii outside `r_out` hold no streaming part.
    """
    radius = daughters.radius
    check_parents_and_kick(df, daughters.kick)
    if not isinstance(history, DecayHistory):
        raise InputError(f"history = {history!r}; a DecayHistory is needed: it says how fast parents decay today")
    one_radius(r_out, "r_out", df.halo)
    inside = np.asarray(radius < units.quantity(r_out, "length", "r_out"))
    density = np.zeros(len(radius))
    per_rate, _ = stream_density(df, daughters.kick, radius[inside], r_out)
    density[inside] = units.to_internal(per_rate * history.daughter_age_pdf(units.attach(0.0, "time")), "density")
    return daughters.with_component("streaming", units.attach(density, "density"), {"r_out": r_out})


def with_early_capture(daughters, capture):
    """Daughters with those born before haloes formed and captured later, as the component ``"early_capture"``.

    They carry the parents' distribution, so they add share * rho_parent. The mixed part is not lowered by that share:
    Eq. (C.1) of Hardy, Lasenby & Unwin (2014) is an upper bound, and it counts decays in the young universe, which the
    steady mixed part, per decayed parent, has no memory of. Off in that paper, which argues that it is always small;
    inside 0.05 kpc and above 200 km/s it is not.

    Parameters
    ----------
    daughters : Daughters
    capture : EarlyCapture
        Knows the share of daughters that was captured early.

    Returns
    -------
    Daughters
    """
    if not isinstance(capture, EarlyCapture):
        raise InputError(f"capture = {capture!r}; an EarlyCapture is needed, made of a DecayHistory")
    share = capture.share(daughters.kick)
    density = share * daughters.parent.density(daughters.radius)
    return daughters.with_component("early_capture", density, {"share": float(share), "law": repr(capture)})
