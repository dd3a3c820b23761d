"""Pure decisions about what was answered."""

from math import sqrt

# 95 % of such intervals hold the true share.
_Z = 1.959963984540054


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; (0, 1) where nothing was tried.

    ValueError unless 0 ≤ successes ≤ trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError("successes lie between 0 and the trials")
    if not trials:
        return 0.0, 1.0
    share, z2 = successes / trials, _Z * _Z
    middle = share + z2 / (2 * trials)
    width = _Z * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    return max(0.0, (middle - width) / (1 + z2 / trials)), min(1.0, (middle + width) / (1 + z2 / trials))
