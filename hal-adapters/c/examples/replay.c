/* Replays a recording: a CSV table with a header on standard input, a line per row on standard output.
 *
 *   replay < recording.csv > verdicts.csv
 *   replay knowledge.bin < healthy.csv     writes what was learned, for bw_init of another device
 *
 * Columns named timestamp, time or label are passed over; an empty field is a missing value. Scores are
 * printed as the bits of their floats, so that targets can be compared. The last line has a checksum of the
 * state. The same source runs on a PC and on a board with semihosting. */

#include "bellwether.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bw_detector detector;
static uint8_t snapshot[BW_SNAPSHOT_MAX];
static char line[4096];

static uint32_t bits(float x) {
  uint32_t word;
  if (x != x) {
    return UINT32_C(0x7fc00000); /* every NaN alike */
  }
  memcpy(&word, &x, sizeof word);
  return word;
}

static int fail(const char *what, int32_t code) {
  fprintf(stderr, "replay: %s: %s\n", what, bw_error_text(code));
  return 1;
}

/* The end of a field, where a zero is put. NULL: it was the last one. */
static char *cut(char *field) {
  size_t length = strcspn(field, ",\r\n");
  char *next = field[length] == ',' ? field + length + 1 : NULL;
  field[length] = '\0';
  return next;
}

static int is_value(const char *name) {
  return strcmp(name, "timestamp") != 0 && strcmp(name, "time") != 0 && strcmp(name, "label") != 0;
}

/* Marks columns with values, and returns their number. */
static size_t header(unsigned char *used, size_t room) {
  size_t columns = 0;
  size_t values = 0;
  char *field = line;
  while (field != NULL && columns < room) {
    char *next = cut(field);
    used[columns] = (unsigned char)is_value(field);
    values += used[columns];
    columns += 1;
    field = next;
  }
  return values;
}

static void row(const unsigned char *used, size_t room, float *frame, size_t count) {
  size_t column = 0;
  size_t value = 0;
  char *field = line;
  while (field != NULL && column < room && value < count) {
    char *next = cut(field);
    if (used[column]) {
      char *end = field;
      float x = strtof(field, &end);
      frame[value] = end == field ? strtof("nan", NULL) : x;
      value += 1;
    }
    column += 1;
    field = next;
  }
}

static int save(const char *path) {
  size_t length = 0;
  size_t k;
  uint32_t sum = UINT32_C(2166136261);
  int32_t code = bw_save(&detector, snapshot, sizeof snapshot, &length);
  if (code != BW_OK) {
    return fail("bw_save", code);
  }
  for (k = 0; k < length; k++) {
    sum = (sum ^ snapshot[k]) * UINT32_C(16777619);
  }
  printf("state %lu bytes %08" PRIx32 "\n", (unsigned long)length, sum);
  if (path != NULL) {
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(snapshot, 1, length, file) != length || fclose(file) != 0) {
      fprintf(stderr, "replay: %s: not written\n", path);
      return 1;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  static unsigned char used[BW_VARIABLES + 8u];
  static float frame[BW_VARIABLES];
  bw_config config;
  bw_verdict verdict;
  size_t count;
  int32_t code;

  if (bw_abi_version() != BW_ABI_VERSION || bw_state_bytes() != sizeof detector) {
    fprintf(stderr, "replay: header and archive do not belong together\n");
    return 1;
  }
  if (fgets(line, sizeof line, stdin) == NULL) {
    fprintf(stderr, "replay: no header on standard input\n");
    return 1;
  }
  count = header(used, sizeof used);
  (void)bw_config_default(&config);
  config.variables = (uint32_t)count;
  code = bw_init(&detector, sizeof detector, &config, NULL, 0);
  if (code != BW_OK) {
    return fail("bw_init", code);
  }
  verdict.size = sizeof verdict;
  printf("tick,state,score,threshold,alarm,grade,kind,variable\n");
  while (fgets(line, sizeof line, stdin) != NULL) {
    row(used, sizeof used, frame, count);
    code = bw_observe(&detector, frame, count, &verdict);
    if (code < 0) {
      return fail("bw_observe", code);
    }
    printf("%lu,%s,%08" PRIx32 ",%08" PRIx32 ",%s,%s,%s,%ld\n", (unsigned long)verdict.tick,
           bw_state_name(verdict.state), bits(verdict.score), bits(verdict.threshold),
           bw_phase_name(verdict.phase),
           bw_grade_name(verdict.alarm_grade),
           verdict.kind == BW_NONE ? "none" : bw_kind_name(verdict.kind), (long)verdict.top[0].variable);
  }
  return save(argc > 1 ? argv[1] : NULL);
}
