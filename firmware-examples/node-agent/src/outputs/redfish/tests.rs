use super::*;
use crate::event::Kind;
use crate::outputs::testing;

fn form() -> Form {
    let settings: Settings = toml::from_str("webhook.url = \"https://collector/events\"").unwrap();
    Form::new(&settings).unwrap()
}

/// The record of an event with the default settings.
pub fn example(event: &Event) -> Value {
    form().record(event)
}

const KINDS: [Kind; 8] = [
    Kind::Anomaly,
    Kind::Missing,
    Kind::Stuck,
    Kind::Range,
    Kind::Rate,
    Kind::Errors,
    Kind::Peers,
    Kind::Source,
];

/// Broken if a field that receivers read has another name or value.
#[test]
fn the_record_of_an_event() {
    let record = form().record(&testing::event());
    assert_eq!(record["@odata.type"], "#Event.v1_7_0.Event");
    assert_eq!(record["Context"], "Bellwether");
    let event = &record["Events"][0];
    assert_eq!(event["MessageId"], "Bellwether.1.0.SensorAnomalyDetected");
    assert_eq!(event["MessageSeverity"], "Warning");
    assert_eq!(event["EventTimestamp"], "2026-11-29T14:00:30.500Z");
    assert_eq!(event["EventGroupId"], 7);
    let sentence = "hwmon: temp1:Tctl is 81.5 °C, usual is 47.25 °C";
    let channel = "0000:00:18.3/k10temp/temp1:Tctl";
    assert_eq!(event["MessageArgs"], json!([channel, "n001", sentence]));
    let text =
        format!("Sensor '{channel}' of node 'n001' does not behave as in the past: {sentence}");
    assert_eq!(event["Message"], *text);
    assert_eq!(
        event["OriginOfCondition"]["@odata.id"],
        "/redfish/v1/Chassis/n001/Sensors/0000:00:18.3%2Fk10temp%2Ftemp1:Tctl"
    );
    let whole: Event = serde_json::from_value(event["Oem"]["Bellwether"].clone()).unwrap();
    assert_eq!(whole, testing::event());
}

/// Broken if a clear looks like an alarm, or a channel of a Redfish service loses its own address.
#[test]
fn severity_and_origin_follow_the_event() {
    let mut event = testing::event();
    let severity = |event: &Event| form().record(event)["Events"][0]["Severity"].clone();
    event.severity = Severity::Critical;
    assert_eq!(severity(&event), "Critical");
    event.severity = Severity::Info;
    assert_eq!(severity(&event), "OK");
    (event.phase, event.severity) = (Phase::Clear, Severity::Critical);
    assert_eq!(severity(&event), "OK");
    let own = "/redfish/v1/Chassis/1/Sensors/CPU Temp";
    event.variables[0].channel = format!("bmc{own}");
    let record = form().record(&event);
    let origin = &record["Events"][0]["OriginOfCondition"]["@odata.id"];
    assert_eq!(*origin, own.replace(' ', "%20"));
    event.variables.clear();
    let record = form().record(&event);
    let origin = &record["Events"][0]["OriginOfCondition"]["@odata.id"];
    assert_eq!(*origin, "/redfish/v1/Chassis/n001/Sensors/hwmon");
}

/// Broken if the program sends a message that the shipped registry does not have, or the registry has one that is
/// never sent, or a number of arguments is wrong.
#[test]
fn the_registry_has_the_messages_that_are_sent() {
    let file = include_str!("../../../dist/redfish/Bellwether.1.0.0.json");
    let shipped: Value = serde_json::from_str(file).unwrap();
    assert_eq!(shipped["RegistryPrefix"], "Bellwether");
    assert_eq!(shipped["RegistryVersion"], "1.0.0");
    let mut sent = std::collections::BTreeSet::new();
    for kind in KINDS {
        for phase in [Phase::Start, Phase::Update, Phase::Clear] {
            let mut event = testing::event();
            (event.kind, event.phase) = (kind, phase);
            event.message = "100 % of %1 and %9".into();
            let record = form().record(&event);
            let record = &record["Events"][0];
            let id = record["MessageId"].as_str().unwrap();
            let name = id.strip_prefix("Bellwether.1.0.").unwrap();
            let message = &shipped["Messages"][name];
            let arguments = record["MessageArgs"].as_array().unwrap().len();
            assert_eq!(message["NumberOfArgs"], arguments, "{name}");
            assert_eq!(
                message["ParamTypes"].as_array().unwrap().len(),
                arguments,
                "{name}"
            );
            let severity = if phase == Phase::Clear {
                "OK"
            } else {
                "Warning"
            };
            assert_eq!(message["MessageSeverity"], severity, "{name}");
            let text = record["Message"].as_str().unwrap();
            assert!(
                text.ends_with(": 100 % of %1 and %9") && text.contains("'n001'"),
                "{text}"
            );
            if phase == Phase::Clear {
                let cleared = message["ClearingLogic"]["ClearsMessage"][0]
                    .as_str()
                    .unwrap();
                assert_eq!(cleared, message_name(kind, Phase::Start));
            }
            sent.insert(name.to_owned());
        }
    }
    let registry = Registry::shipped().unwrap();
    assert!(
        registry.names().eq(sent.iter().map(|name| &**name)),
        "{sent:?}"
    );
}
