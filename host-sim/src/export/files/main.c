/* Learns from the first 1,000 frames, then judges each. Replace read_frame and tell by your own. */

#include "bellwether.h"

#include <stdio.h>

#define VARIABLES @variables@u

static bw_detector detector; /* @state_bytes@ bytes */

static const char *const names[VARIABLES] = {0}; /* your sensors' names */

/* Stands for sensors: a common load, and a fault of the last variable from frame 1,400 on. */
static void read_frame(unsigned long k, float frame[VARIABLES]) {
  size_t j;
  for (j = 0; j < VARIABLES; j++) {
    frame[j] = 40.0f + (float)j + (float)(k * 7 % 23);
  }
  if (k >= 1400) {
    frame[VARIABLES - 1u] += 60.0f;
  }
}

static void tell(const bw_verdict *verdict) {
  int32_t j = verdict->top[0].variable;
  const char *name = j >= 0 && names[j] != NULL ? names[j] : "variable";
  printf("frame %lu: %s %s, %s, score %.1f, most of it: %s %ld\n", (unsigned long)verdict->tick,
         bw_grade_name(verdict->grade), bw_phase_name(verdict->phase),
         verdict->kind == BW_NONE ? "no kind" : bw_kind_name(verdict->kind), (double)verdict->score, name,
         (long)j);
}

int main(void) {
  float frame[VARIABLES];
  bw_verdict verdict;
  unsigned long k;
  /* NULL, 0: no knowledge of an earlier bw_save. */
  int32_t code = bw_init(&detector, sizeof detector, NULL, NULL, 0);

  verdict.size = sizeof verdict;
  for (k = 0; code >= 0 && k < 1500; k++) {
    read_frame(k, frame);
    code = bw_observe(&detector, frame, VARIABLES, &verdict);
    if (code >= 0 && (verdict.flags & BW_FLAG_NEWS) != 0) {
      tell(&verdict);
    }
  }
  if (code < 0) {
    printf("%s\n", bw_error_text(code));
    return 1;
  }
  return 0;
}
