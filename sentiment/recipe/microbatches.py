"""In how many equal parts, microbatches, a batch can be computed."""

from sentiment.config import SettingError


def numbers_of_microbatches(batch_size: int, n_devices: int = 1) -> list[int]:
    """Returns the numbers, ascending; all devices share each microbatch equally. None: nor can they share the batch."""
    return [n for n in range(1, batch_size + 1) if batch_size % (n * n_devices) == 0]


def check_microbatches(number: int, batch_size: int, n_devices: int = 1) -> None:
    """Raises SettingError: a batch of so many rows can't be computed so; the message names numbers near it that do."""
    possible = numbers_of_microbatches(batch_size, n_devices)
    if number in possible:
        return
    near = [*[n for n in possible if n < number][-1:], *[n for n in possible if n > number][:1]]
    shared = f" that {n_devices} devices can share" if n_devices > 1 else ""
    raise SettingError(
        f"Recipe.gradient_accumulation_steps = {number}: a batch of {batch_size} rows doesn't fall into {number} equal "
        f"parts{shared}; use {' or '.join(map(str, near))}"
    )
