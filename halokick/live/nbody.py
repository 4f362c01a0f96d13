"""Live haloes by N-body: particles that decay, in the spherical field that they make together."""

from halokick.live.checkpoint import interrupt_held_back, read_checkpoint, write_checkpoint
from halokick.live.run import ACCURACY, LiveRun

_CHECKPOINTS = 50
"""Intervals between two checkpoints."""


def live_nbody(
    start,
    df,
    *,
    lifetime,
    times,
    mass_loss=0.0,
    baryons_gm=None,
    decay_time=None,
    activation=None,
    smoothing=None,
    interval=None,
    window=None,
    accuracy=ACCURACY,
    progress=None,
    checkpoint=None,
):
    r"""Follow the particles of a start through their decays, in the field of all of them.

    Every particle moves in the plane of its orbit with steps of its own (`kernels.live_steps`). The field is renewed
    after every interval from the time that each particle spent in each cell of ln r, smoothed twice in time after
    Brown (1963), which removes the noise of few particles without lagging behind a steady change:
    with :math:`a = \Delta/(\Delta + t_s)`,

    .. math:: S_1 \mathrel{+}= a (M - S_1),\quad S_2 \mathrel{+}= a (S_1 - S_2),\quad
              M_\mathrm{field} = 2 S_1 - S_2 + \frac{\Delta}{t_s}(S_1 - S_2).

    A parent decays between two of its steps, where that is nearest to its time: it gets its kick, and loses mass.
    Escaping daughters are kept. Results are the same to the bit for any number of threads.

    Parameters
    ----------
    start : LiveStart
    df : ErgodicDF
        From which the start was drawn: its halo gives the field at time 0, and the masses that are fixed.
    lifetime : float [kpc/(km/s)]
        tau; infinite for a control run, with which others should be compared: the same start, the same errors. Beside
        a `decay_time`, the shortest time in which decays change the halo: it sets `smoothing` where that is not given.
    times : sequence of float [kpc/(km/s)]
        When to answer; see `LiveSchedule` for how averages are taken. Decays end at the last time, and its average
        begins there, so that of daughters on their way out of the centre only the other times know.
    mass_loss : float
        Share of its mass that a daughter lost.
    baryons_gm : ndarray [kpc km2/s2], optional
        G M(<r) of fixed masses at the edges of `live_grid`; those of the halo of `df` if not given.
    decay_time : ndarray [kpc/(km/s)], shape (n,), optional
        When each particle decays, for laws of decay other than exponential; infinite: never.
    activation : ndarray [kpc/(km/s)], shape (n,), optional
        When each particle arrives; infinite: never. It gets the radial action, the angular momentum and the phase that
        it has in the start, but in the field of then, as a halo that grows slowly keeps these; those that are there
        from the beginning are at rest in their own field. A decay that is due before happens on arrival. Without a
        given `smoothing`, half of the mass has to arrive in a time that is long against it.
    smoothing, interval, window : float [kpc/(km/s)], optional
        See `live_schedule`.
    accuracy : float
        epsilon, the step over the time in which an orbit changes.
    progress : callable (done, total), optional
        Called after every interval; an exception that it raises stops the run between two intervals.
    checkpoint : path, optional
        File in which the run is kept every 50 intervals, on Ctrl-C, and when `progress` stops it. If it is there, the
        run goes on from it, and ends with the same bytes as if it had never been stopped.

    Returns
    -------
    LiveOutput

    Raises
    ------
    InputError
        An argument outside its range.
    ConvergenceError
        A particle was lost: its position is no number, or it does not come to an end of its interval.
    StorageError
        The checkpoint belongs to another run, or cannot be read or written.

    Notes
    -----
    The field remembers each particle where it was, so that a particle on its way out is held back by its own mass, and
    one on its way in is not drawn on: orbits with periods above the memory lose energy. The loss is inversely
    proportional to the number of particles: in 270 units of time 0.37 per cent of the halo's energy with 16 000 of
    them, 0.09 with 65 000, while the mass inside 0.1 scale radii grows by 1.5 and 0.6 per cent. A control run shares
    most of it. Without smoothing, orbits are scattered far more.
    """
    run = LiveRun(
        start, df, lifetime=lifetime, times=times, mass_loss=mass_loss, baryons_gm=baryons_gm, decay_time=decay_time,
        activation=activation, smoothing=smoothing, interval=interval, window=window, accuracy=accuracy,
    )  # fmt: skip
    if checkpoint is None:
        while run.done < len(run):
            run.advance()
            if progress is not None:
                progress(run.done, len(run))
    else:
        _keep_while_running(run, checkpoint, progress)
    return run.output()


def _keep_while_running(run, path, progress):
    stored = read_checkpoint(path, run.digest)
    if stored is not None:
        run.restore(stored)
    with interrupt_held_back() as pressed:
        while run.done < len(run):
            run.advance()
            try:
                if progress is not None:
                    progress(run.done, len(run))
                if pressed():
                    raise KeyboardInterrupt
            except BaseException:
                write_checkpoint(path, run.arrays, run.digest)
                raise
            if run.done % _CHECKPOINTS == 0:
                write_checkpoint(path, run.arrays, run.digest)
