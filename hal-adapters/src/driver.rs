//! Drivers of sensors on a bus, a feature per family. Each module has the quantities of its part with the
//! ranges of its data sheet, and makes the released driver a sensor. Blocking and awaited where the
//! driver has both in one build.
//!
//! | module | part | variables | driver | awaited | feature |
//! |---|---|---|---|---|---|
//! | [`lm75`] | LM75, PCT2075 | °C | `lm75` 1 | | `i2c` |
//! | [`tmp117`] | TMP117 | °C | `tmp117` 3 | yes | `temperature` |
//! | [`tmp1x2`] | TMP102, TMP112 | °C | `tmp1x2` 1.1 | | `temperature` |
//! | [`ina219`] | INA219 | V, A | `ina219` 0.2 | yes | `power` |
//! | [`ina226`] | INA226 | V, A | `ina226` 0.3 | | `power` |
//! | [`ina3221`] | INA3221 | V, A of three rails | here | yes | `power` |
//! | [`bme280`] | BME280 | °C, %, hPa | `bme280` 0.5 | | `environment` |
//! | [`lis3dh`] | LIS3DH | g of three axes | `lis3dh` 0.5 | | `acceleration` |
//! | [`ads1x1x`] | ADS1013 to ADS1115 | V | `ads1x1x` 0.3 | | `adc` |
//!
//! `tmp1x2` and `ina226` replace their blocking driver with the awaited one by a feature, which would
//! take it from every other user in the build; `bme280` awaits with a nightly compiler only. Closures
//! around an awaited driver are sensors too.

#[cfg(feature = "adc")]
pub mod ads1x1x;
#[cfg(feature = "async")]
pub mod awaited;
#[cfg(feature = "environment")]
pub mod bme280;
#[cfg(any(
    feature = "acceleration",
    feature = "adc",
    feature = "environment",
    feature = "power",
    feature = "temperature"
))]
pub mod error;
#[cfg(feature = "power")]
pub mod ina219;
#[cfg(feature = "power")]
pub mod ina226;
#[cfg(feature = "power")]
pub mod ina3221;
#[cfg(feature = "acceleration")]
pub mod lis3dh;
#[cfg(feature = "i2c")]
pub mod lm75;
#[cfg(feature = "pmbus")]
pub mod pmbus;
#[cfg(feature = "temperature")]
pub mod tmp117;
#[cfg(feature = "temperature")]
pub mod tmp1x2;
