"""The parents' distribution function averaged over the directions of a velocity kick."""

from halokick.kernels.compiled import kernel
from halokick.kernels.distribution import cumulative_of, f_of

_GAUSS_X = (-0.7745966692414834, 0.0, 0.7745966692414834)
_GAUSS_W = (5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0)


@kernel
def kicked(table, phi, psi, v, k):
    r"""h(r, v) = 1/2 int dmu f(psi - (v^2 + k^2 + 2 v k mu)/2) = [F(depth_-) - F(depth_+)] / (2 v k).

    The depths phi + (v -+ k)^2/2 of the deepest and shallowest parents are sums of positive terms, so they keep their
    digits; so does psi - (v -+ k)^2/2 where psi is the smaller. When both ends are close, F would cancel and f is
    integrated by three Gauss points instead, which also covers k -> 0 and v -> 0.
    """
    near = 0.5 * (v - k) ** 2
    far = 0.5 * (v + k) ** 2
    if phi < psi:
        deep = phi + near
        shallow = phi + far
        deep_binding = table.psi0 - deep
        shallow_binding = table.psi0 - shallow
    else:
        deep_binding = psi - near
        shallow_binding = psi - far
        deep = table.psi0 - deep_binding
        shallow = table.psi0 - shallow_binding
    if deep_binding <= table.binding_cut:
        return 0.0
    width = 2.0 * v * k
    if width < 0.03 * min(deep, shallow_binding - table.binding_cut):
        total = 0.0
        for j in range(3):
            part = 0.5 * width * (1.0 + _GAUSS_X[j])
            total += _GAUSS_W[j] * f_of(table, deep + part, deep_binding - part)
        return total
    return (cumulative_of(table, deep, deep_binding) - cumulative_of(table, shallow, shallow_binding)) / width


@kernel
def bound_share(kinetic_escape, v, k):
    """Share of kick directions after which a particle of speed v has v_new^2/2 below `kinetic_escape`."""
    if v * k == 0.0:
        return 1.0 if 0.5 * (v * v + k * k) < kinetic_escape else 0.0
    mu = (2.0 * kinetic_escape - v * v - k * k) / (2.0 * v * k)
    return 0.5 * (1.0 + min(1.0, max(-1.0, mu)))
