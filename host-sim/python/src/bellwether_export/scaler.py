"""Scalers as rows (offset, divisor, mean): what enters is (x - offset) / divisor."""
import numpy as np

from .sidecar import ExportError


def scales_of(scaler):
    """A row per variable, or None."""
    if scaler is None:
        return None
    if hasattr(scaler, "data_min_"):
        # x * scale_ + min_. The mean of the training data is not kept: the middle stands in.
        low, high = np.asarray(scaler.data_min_), np.asarray(scaler.data_max_)
        scale, shift = np.asarray(scaler.scale_), np.asarray(scaler.min_)
        return np.stack([-shift / scale, 1 / scale, (low + high) / 2], axis=1)
    if hasattr(scaler, "var_") or hasattr(scaler, "with_std"):
        count = scaler.n_features_in_
        mean = np.zeros(count) if scaler.mean_ is None else np.asarray(scaler.mean_)
        divisor = np.ones(count) if scaler.scale_ is None else np.asarray(scaler.scale_)
        offset = mean if scaler.with_mean else np.zeros(count)
        return np.stack([offset, divisor, mean], axis=1)
    try:
        rows = np.asarray(scaler, dtype=float)
    except (TypeError, ValueError):
        rows = np.empty(0)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise ExportError(
            "scaler: expected a fitted MinMaxScaler or StandardScaler, or a row "
            "(offset, divisor, mean) per variable")
    return rows
