/* Judges frames with the model of this folder. Replace read_frame by your own. */

#include "bellwether.h"
#include "bellwether_model.h"

#include <stdio.h>

#define VARIABLES @model_variables@u

static bw_model detector; /* @model_bytes@ bytes */

/* Stands for sensors. */
static void read_frame(unsigned long k, float frame[VARIABLES]) {
  size_t j;
  for (j = 0; j < VARIABLES; j++) {
    frame[j] = 40.0f + (float)j + (float)(k * 7 % 23);
  }
}

int main(void) {
  float frame[VARIABLES];
  bw_verdict verdict;
  unsigned long k;
  int32_t code = bw_model_init(&detector, sizeof detector, (const uint8_t *)bellwether_model, BELLWETHER_MODEL_BYTES);

  verdict.size = sizeof verdict;
  for (k = 0; code >= 0 && k < 100; k++) {
    read_frame(k, frame);
    code = bw_model_observe(&detector, frame, VARIABLES, &verdict);
    if (code == BW_OK && verdict.state == BW_STATE_ANOMALOUS && verdict.top[0].variable >= 0) {
      printf("frame %lu: score %.3f, most of it: %s\n", k, (double)verdict.score,
             bellwether_model_names[verdict.top[0].variable]);
    }
  }
  if (code < 0) {
    printf("%s\n", bw_error_text(code));
    return 1;
  }
  return 0;
}
