// Watches analogue inputs, and prints the news about them.

#include <bellwether.h>

static bw_detector detector;  // @state_bytes@ bytes
static const uint8_t pins[] = {A0, A1};

void setup() {
  Serial.begin(115200);
  bw_config config;
  bw_config_default(&config);
  config.variables = sizeof pins;
  int32_t code = bw_init(&detector, sizeof detector, &config, NULL, 0);
  if (code < 0) Serial.println(bw_error_text(code));
}

void loop() {
  float frame[sizeof pins];
  for (size_t k = 0; k < sizeof pins; k++) frame[k] = analogRead(pins[k]);
  bw_verdict verdict;
  verdict.size = sizeof verdict;
  int32_t code = bw_observe(&detector, frame, sizeof pins, &verdict);
  if (code >= 0 && (verdict.flags & BW_FLAG_NEWS)) {
    Serial.print(bw_grade_name(verdict.grade));
    Serial.print(' ');
    Serial.println(bw_phase_name(verdict.phase));
  }
  delay(1000);
}
