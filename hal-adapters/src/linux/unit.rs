//! Units as tools and controllers write them.

/// The unit in this project's spelling; empty for one that is unknown.
pub(crate) fn unit(text: &str) -> &'static str {
    match text.trim().trim_start_matches('[').trim_end_matches(']') {
        "C" | "Cel" | "degrees C" | "°C" => "°C",
        "F" | "degrees F" | "degF" => "°F",
        "RPM" | "rpm" | "{rev}/min" | "/min" => "rpm",
        "V" | "Volts" => "V",
        "mV" => "mV",
        "A" | "Amps" => "A",
        "mA" => "mA",
        "W" | "Watts" => "W",
        "J" | "Joules" => "J",
        "mJ" => "mJ",
        "kW.h" | "kWh" => "kWh",
        "%" | "percent" => "%",
        "Hz" => "Hz",
        "MHz" => "MHz",
        "GHz" => "GHz",
        "Pa" => "Pa",
        "kPa" => "kPa",
        "L/min" => "l/min",
        "CFM" | "ft_i]3/min" | "cft_i]/min" => "ft³/min",
        "s" => "s",
        "MiB" => "MiB",
        "MB" => "MB",
        "MB/s" => "MB/s",
        "KB/s" => "KB/s",
        _ => "",
    }
}
