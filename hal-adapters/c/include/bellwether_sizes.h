/* Sizes of the archive that this header belongs to. Made from its bytes; do not edit. */

#ifndef BELLWETHER_SIZES_H
#define BELLWETHER_SIZES_H

#include <stdint.h>

/* Largest number of variables of a detector. */
#define BW_VARIABLES 8u
/* Bytes of a detector, and their alignment. */
#define BW_STATE_BYTES 6056u
#define BW_STATE_ALIGN 8u
/* Bytes that always suffice for bw_save. */
#define BW_SNAPSHOT_MAX 6787u

/* Variables of a model, frames of its window, values of its arena, bytes of its detector. */
#define BW_MODEL_VARIABLES 2u
#define BW_MODEL_WINDOW 1u
#define BW_MODEL_ARENA 64u
#define BW_MODEL_BYTES 504u

/* Storage of a detector: `static bw_detector detector;`. The members are the library's. */
struct bw_detector {
  uint64_t words[BW_STATE_BYTES / 8u];
};

/* Storage of a model's detector. */
struct bw_model {
  uint64_t words[BW_MODEL_BYTES / 8u];
};

#endif
