/* Bellwether: online anomaly detection in fixed memory. docs/guide/c.md is the guide.
 * Made by cbindgen from hal-adapters/c; do not edit. */

#ifndef BELLWETHER_H
#define BELLWETHER_H

#include <stddef.h>
#include <stdint.h>
#include "bellwether_sizes.h"

// Version of this interface. It rises with a change that breaks programs.
#define BW_ABI_VERSION 1

// Done.
#define BW_OK 0

// Done; the detector still learns what is usual.
#define BW_WARMING 1

// Done; with this frame the detector has learned what is usual.
#define BW_READY 2

// A pointer is null.
#define BW_ERR_NULL -1

// A pointer is not aligned for its type.
#define BW_ERR_ALIGN -2

// The memory is smaller than `BW_STATE_BYTES` or `BW_MODEL_BYTES` of the archive.
#define BW_ERR_MEMORY -3

// The memory was not initialised by `bw_init` or `bw_model_init` of this archive.
#define BW_ERR_STATE -4

// The member `size` of a structure is smaller than the structure.
#define BW_ERR_SIZE -5

// `variables` is 0 or above `BW_VARIABLES`, or a frame has more values than there are variables.
#define BW_ERR_VARIABLES -6

// `learn_rows` is not within 20 to 200,000.
#define BW_ERR_LEARN_ROWS -7

// `promise` is not within 0.001 to 1,000.
#define BW_ERR_PROMISE -8

// `rows_per_day` is neither 0 nor within 24 to 65,535.
#define BW_ERR_ROWS_PER_DAY -9

// The buffer is smaller than the snapshot; `BW_SNAPSHOT_MAX` bytes always suffice.
#define BW_ERR_BUFFER -10

// The bytes are no snapshot, or a damaged one.
#define BW_ERR_SNAPSHOT -11

// The snapshot was taken with other capacities or another number of variables.
#define BW_ERR_SHAPE -12

// The snapshot, or the model, has a newer format than this archive reads.
#define BW_ERR_VERSION -13

// A sink or source of the caller failed.
#define BW_ERR_STORAGE -14

// The bytes are no model, or a damaged one.
#define BW_ERR_MODEL -15

// The model has another number of variables, another window, or a larger arena than the archive was built for.
#define BW_ERR_MODEL_SIZE -16

// The model has nothing to decide with.
#define BW_ERR_MODEL_THRESHOLD -17

// There is no entry with this index.
#define BW_ERR_INDEX -18

// State: not assessed yet, `left` frames to go.
#define BW_STATE_WARMING 0

// State: normal.
#define BW_STATE_NORMAL 1

// State: normal after a change that was accepted.
#define BW_STATE_ADAPTED 2

// State: anomalous.
#define BW_STATE_ANOMALOUS 3

// State: above a threshold that rests on little.
#define BW_STATE_EARLY 4

// State: not assessed, see `cause`.
#define BW_STATE_BLIND 5

// No code: there is no cause or kind.
#define BW_NONE -1

// Cause of blindness: most values are missing.
#define BW_CAUSE_MISSING 0

// Cause of blindness: an infinity.
#define BW_CAUSE_NOT_FINITE 1

// Cause of blindness: an error of a sensor.
#define BW_CAUSE_SENSOR 2

// Cause of blindness: a stuck sensor.
#define BW_CAUSE_STUCK 3

// Cause of blindness: a tick that did not advance.
#define BW_CAUSE_OUT_OF_ORDER 4

// Cause of blindness: a training is in progress.
#define BW_CAUSE_TRAINING 5

// Cause of blindness: a long anomaly inflated the threshold.
#define BW_CAUSE_THRESHOLD_INFLATED 6

// Phase: no alarm.
#define BW_PHASE_QUIET 0

// Phase: first row of an alarm.
#define BW_PHASE_START 1

// Phase: a further row of an alarm.
#define BW_PHASE_UPDATE 2

// Phase: first row after an alarm.
#define BW_PHASE_CLEAR 3

// Grade: nothing to say.
#define BW_GRADE_NONE 0

// Grade: worth a line in a log.
#define BW_GRADE_INFO 1

// Grade: an alarm.
#define BW_GRADE_WARNING 2

// Grade: an alarm that a third of the promise would raise too.
#define BW_GRADE_CRITICAL 3

// Kind: a large difference, too early to tell a spike from a step.
#define BW_KIND_JUMP 0

// Kind: a large difference, and the level as before.
#define BW_KIND_SPIKE 1

// Kind: a large difference, and another level.
#define BW_KIND_STEP 2

// Kind: another level without a large difference.
#define BW_KIND_DRIFT 3

// Kind: one value, repeated.
#define BW_KIND_STUCK 4

// Kind: large differences row after row.
#define BW_KIND_NOISE 5

// Kind: a usual value that does not fit the others.
#define BW_KIND_RELATION 6

// Kind: missing values.
#define BW_KIND_MISSING 7

// Symptom: most values are missing.
#define BW_SYMPTOM_MISSING 0

// Symptom: one value, repeated for longer than is usual.
#define BW_SYMPTOM_STUCK 1

// Symptom: a value outside the usual range.
#define BW_SYMPTOM_RANGE 2

// Symptom: a change faster than is usual.
#define BW_SYMPTOM_RATE 3

// Flag: news for people, the start of an alarm, its rise to critical, or its clear.
#define BW_FLAG_NEWS 1

// Flag: the alarm was acknowledged.
#define BW_FLAG_ACKNOWLEDGED 2

// Flag: the kind is final.
#define BW_FLAG_KIND_FINAL 4

// Flag: the variable of the kind is beyond its usual range.
#define BW_FLAG_OUTSIDE 8

// Flag of a model: its k of n are anomalous.
#define BW_FLAG_CONFIRMED 16

// A detector in memory of the caller: `BW_STATE_BYTES` bytes, aligned to `BW_STATE_ALIGN`.
typedef struct bw_detector bw_detector;

// A model's detector in memory of the caller: `BW_MODEL_BYTES` bytes, aligned to `BW_STATE_ALIGN`.
typedef struct bw_model bw_model;

// The choices of a user. Fill it with `bw_config_default`, then change what is to be different.
typedef struct bw_config {
  // Bytes of the structure.
  uint32_t size;
  // Variables of a frame, 1 to `BW_VARIABLES`.
  uint32_t variables;
  // Frames to learn from before the first decision, 20 to 200,000.
  uint32_t learn_rows;
  // False alarms to be accepted per 10,000 frames, 0.001 to 1,000.
  float promise;
  // Frames per day, 24 to 65,535, if what happens daily is to raise no alarm; 0: not known.
  uint32_t rows_per_day;
  // 0.
  uint32_t reserved;
} bw_config;

// A variable's part in a score.
typedef struct bw_part {
  // Index of the variable; `BW_NONE` if there is none.
  int32_t variable;
  // Its share in the surprise of the last frames; of a model, its error in scaled units.
  float share;
  // Its value; NaN: missing.
  float value;
  // The value that was expected: the mean of what was learned, or the model's.
  float expected;
} bw_part;

// The answer to a frame. Set `size` to its `sizeof` before the first call. A number that does not exist is NaN.
typedef struct bw_verdict {
  // Bytes of the structure.
  uint32_t size;
  // `BW_STATE_...`.
  int32_t state;
  // Number of the frame, from 0.
  uint64_t tick;
  // How unusual the frame is, in deviations: near 0 is usual. Of a model, its score.
  float score;
  // An alarm starts at a score this high; a model's frame is anomalous above it.
  float threshold;
  // Frames before the first decision, while warming.
  uint32_t left;
  // `BW_CAUSE_...` while blind, else `BW_NONE`.
  int32_t cause;
  // `BW_GRADE_...` of the frame.
  int32_t grade;
  // `BW_PHASE_...` of the alarm.
  int32_t phase;
  // `BW_FLAG_...`.
  uint32_t flags;
  // Frames since the start of the alarm.
  uint32_t age;
  // Highest score of the alarm; NaN without one.
  float peak;
  // `BW_KIND_...` of the change, `BW_NONE` without an alarm.
  int32_t kind;
  // Index of the variable of the kind, or `BW_NONE`.
  int32_t kind_variable;
  // Its largest difference from frame to frame, in usual differences.
  float jump;
  // Its level of the last frames less that of the last hundreds, in deviations.
  float shift;
  // Its frames with the last value.
  uint32_t run;
  // Its share of missing values.
  float gaps;
  // Complaints about sensors; `bw_complaint_of` has each.
  uint32_t complaints;
  // Of a model, the code of the reason; 0: none.
  int32_t reason;
  // `BW_GRADE_...` of the alarm so far, from its start to its clear.
  int32_t alarm_grade;
  // The variables with the largest shares, largest first.
  struct bw_part top[3];
} bw_verdict;

// A complaint about a sensor.
typedef struct bw_complaint {
  // Index of the variable.
  int32_t variable;
  // `BW_SYMPTOM_...`.
  int32_t symptom;
  // Frames for which it has lasted, 1 at its first.
  uint32_t rows;
  // 0.
  uint32_t reserved;
} bw_complaint;

// Takes a piece of a snapshot, at most 64 bytes. Any other answer than 0 ends the saving.
typedef int32_t (*bw_sink)(void *context, const uint8_t *piece, size_t bytes);

// Fills a piece of a snapshot, at most 64 bytes, from an offset. Any other answer than 0 ends the restoring.
typedef int32_t (*bw_source)(void *context, size_t offset, uint8_t *piece, size_t bytes);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Fills a configuration with the defaults: `BW_VARIABLES` variables, 1,000 frames to learn from, 1 false alarm per
// 10,000 frames.
//
// # Safety
// `config` is null or points to a `bw_config`.
int32_t bw_config_default(struct bw_config *config);

// Begins. Takes `BW_STATE_BYTES` bytes of memory and the choices of a user, `NULL` for the defaults.
//
// `knowledge`: the bytes of an earlier `bw_save`, of this device, of another one or of a PC, with the same
// capacities and configuration; the detector goes on from there. `NULL` and 0: it begins without knowledge, and
// learns from its first `learn_rows` frames.
//
// # Safety
// Each pointer is null or points to what its name says, `knowledge` to so many bytes; `detector` to `bytes` bytes
// that were written before, as static memory is. Nothing else uses `detector` during the call.
int32_t bw_init(struct bw_detector *detector,
                size_t bytes,
                const struct bw_config *config,
                const uint8_t *knowledge,
                size_t knowledge_bytes);

// Learns from a frame, without an answer. `BW_WARMING`: more frames are needed; `BW_READY`: this was the last one;
// `BW_OK`: all is learned already, and the frame is taken as by `bw_observe`.
//
// # Safety
// As `bw_observe`.
int32_t bw_learn(struct bw_detector *detector,
                 const float *values,
                 size_t count);

// Judges a frame, and learns from it. NaN is a missing value; a short frame lacks its last variables. Before all is
// learned the answer is `BW_STATE_WARMING`.
//
// # Safety
// `detector` is null or what `bw_init` began, used by nothing else during the call; `values` points to `count`
// floats, `verdict` to a `bw_verdict` whose member `size` is set.
int32_t bw_observe(struct bw_detector *detector,
                   const float *values,
                   size_t count,
                   struct bw_verdict *verdict);

// Passes over frames that never came: a gap in time.
//
// # Safety
// `detector` is null or what `bw_init` began.
int32_t bw_skip(struct bw_detector *detector, uint32_t frames);

// Forgets everything that was learned. Ticks continue.
//
// # Safety
// `detector` is null or what `bw_init` began.
int32_t bw_reset(struct bw_detector *detector);

// Acknowledges the alarm, which then is news only when it clears. `BW_ERR_INDEX`: there is none.
//
// # Safety
// `detector` is null or what `bw_init` began.
int32_t bw_acknowledge(struct bw_detector *detector);

// Makes nothing news for so many frames; 0 ends the silence.
//
// # Safety
// `detector` is null or what `bw_init` began.
int32_t bw_silence(struct bw_detector *detector, uint16_t frames);

// Each variable's share in the surprise of the last frames, for the first `count` variables.
//
// # Safety
// `detector` is null or what `bw_init` began; `shares` points to `count` floats.
int32_t bw_shares(const struct bw_detector *detector, float *shares, size_t count);

// A complaint about a sensor after the last frame, `index` from 0 to below `complaints` of its verdict.
//
// # Safety
// `detector` is null or what `bw_init` began; `complaint` is null or points to a `bw_complaint`.
int32_t bw_complaint_of(const struct bw_detector *detector,
                        uint32_t index,
                        struct bw_complaint *complaint);

// Saves what was learned. `*used` becomes the number of bytes; `BW_SNAPSHOT_MAX` always suffice. The bytes are the
// same on every target.
//
// # Safety
// `detector` is null or what `bw_init` began; `buffer` points to `room` bytes, `used` to a `size_t`.
int32_t bw_save(const struct bw_detector *detector,
                uint8_t *buffer,
                size_t room,
                size_t *used);

// Replaces what was learned by what was saved. A refused snapshot changes nothing.
//
// # Safety
// `detector` is null or what `bw_init` began; `snapshot` points to `bytes` bytes.
int32_t bw_restore(struct bw_detector *detector, const uint8_t *snapshot, size_t bytes);

// As `bw_save`, in pieces of 64 bytes, the last one shorter: no memory holds the snapshot. `used` may be `NULL`.
//
// # Safety
// `detector` is null or what `bw_init` began; `sink` can be called with `context`, and does not use the detector.
int32_t bw_save_to(const struct bw_detector *detector,
                   bw_sink sink,
                   void *context,
                   size_t *used);

// As `bw_restore`, in pieces of at most 64 bytes. The snapshot is read twice; nothing changes in the first pass. If
// only the second one fails, everything is forgotten: half a state never remains.
//
// # Safety
// `detector` is null or what `bw_init` began; `source` can be called with `context`, fills the piece, and does not
// use the detector.
int32_t bw_restore_from(struct bw_detector *detector,
                        bw_source source,
                        void *context);

// Begins with a trained model: what `bellwether model train` or `pack` wrote, at a multiple of 4 bytes. It is used in
// place, so that it stays in flash, and must stay there as long as the detector is used.
//
// # Safety
// `detector` is null or points to `bytes` bytes that were written before, as static memory is, and that nothing else
// uses during the call; `model` points to `model_bytes` bytes that do not change while the detector is used.
int32_t bw_model_init(struct bw_model *detector,
                      size_t bytes,
                      const uint8_t *model,
                      size_t model_bytes);

// Judges a frame with the model. NaN is a missing value; a short frame lacks its last variables. `BW_WARMING`: the
// window is not full yet.
//
// # Safety
// `detector` is null or what `bw_model_init` began, used by nothing else during the call; `values` points to `count`
// floats, `verdict` to a `bw_verdict` whose member `size` is set.
int32_t bw_model_observe(struct bw_model *detector,
                         const float *values,
                         size_t count,
                         struct bw_verdict *verdict);

// Passes over frames that never came; the window begins again.
//
// # Safety
// `detector` is null or what `bw_model_init` began.
int32_t bw_model_skip(struct bw_model *detector, uint32_t frames);

// A state in a word.
const char *bw_state_name(int32_t state);

// A cause of blindness in a word.
const char *bw_cause_name(int32_t cause);

// A phase of an alarm in a word.
const char *bw_phase_name(int32_t phase);

// A grade in a word.
const char *bw_grade_name(int32_t grade);

// A kind of change in a word.
const char *bw_kind_name(int32_t kind);

// A symptom of a sensor in a word.
const char *bw_symptom_name(int32_t symptom);

// A return code in words.
const char *bw_error_text(int32_t code);

// `BW_ABI_VERSION` of the archive. A program that was compiled with another header stops here.
uint32_t bw_abi_version(void);

// `BW_VARIABLES` of the archive.
uint32_t bw_variables(void);

// `BW_STATE_BYTES` of the archive.
size_t bw_state_bytes(void);

// `BW_STATE_ALIGN` of the archive.
size_t bw_state_align(void);

// `BW_SNAPSHOT_MAX` of the archive.
size_t bw_snapshot_max(void);

// `BW_MODEL_BYTES` of the archive.
size_t bw_model_bytes(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BELLWETHER_H */
