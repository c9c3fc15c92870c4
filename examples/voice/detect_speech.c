/* Finds speech in a WAV file with a compiled Silero voice detector: detect-speech VAD.hdl SPEECH.wav.
 *
 * Prints one line per segment, `begin end` in seconds. The detector takes 512 new samples at a time, preceded by the
 * last 64 of the frame before, and carries a state from frame to frame. Written against heddle.h alone.
 */
#include "runtime/api/heddle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_RATE = 16000, FRAME = 512, CONTEXT = 64, STATE = 2 * 1 * 128 };

/* A segment begins above the first threshold and ends after PAUSE frames below the second one, as in Silero's own
 * example: a short dip inside a word is not an end. */
static const float beginThreshold = 0.5f, endThreshold = 0.35f;
enum { PAUSE = 8 };

static int fail(const char *what, const char *why) {
  fprintf(stderr, "detect-speech: %s: %s\n", what, why);
  return 1;
}

/* Reads 16-bit mono samples at 16 kHz into [-1, 1). The caller frees the result; null if the file is not such a one. */
static float *readWav(const char *path, size_t *count) {
  uint8_t header[44];
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  float *samples = NULL;
  uint16_t channels, bits;
  uint32_t rate, bytes;
  if (fread(header, 1, sizeof header, file) == sizeof header && !memcmp(header, "RIFF", 4) &&
      !memcmp(header + 36, "data", 4)) {
    memcpy(&channels, header + 22, 2);
    memcpy(&rate, header + 24, 4);
    memcpy(&bits, header + 34, 2);
    memcpy(&bytes, header + 40, 4);
    int16_t *raw = channels == 1 && rate == SAMPLE_RATE && bits == 16 ? malloc(bytes + 1) : NULL;
    if (raw && fread(raw, 1, bytes, file) == bytes) {
      *count = bytes / 2;
      samples = malloc((*count + 1) * sizeof *samples);
      for (size_t i = 0; samples && i < *count; ++i)
        samples[i] = (float)raw[i] / 32768.0f;
    }
    free(raw);
  }
  fclose(file);
  return samples;
}

/* Follows the probabilities of the frames and prints each segment when it has ended. */
typedef struct {
  int speaking, quietFrames;
  size_t begin, quietSince;
} Segments;

static void printSegment(size_t begin, size_t end) {
  printf("%.2f %.2f\n", (double)begin / SAMPLE_RATE, (double)end / SAMPLE_RATE);
}

static void addFrame(Segments *segments, float probability, size_t begin) {
  if (probability >= beginThreshold) {
    if (!segments->speaking)
      segments->begin = begin;
    segments->speaking = 1;
    segments->quietFrames = 0;
    return;
  }
  if (!segments->speaking || probability >= endThreshold)
    return;
  if (segments->quietFrames++ == 0)
    segments->quietSince = begin;
  if (segments->quietFrames < PAUSE)
    return;
  printSegment(segments->begin, segments->quietSince);
  segments->speaking = 0;
}

/* Runs the detector over all frames; a last frame that is not full is padded with silence. */
static heddle_status detect(heddle_context *context, const float *samples, size_t count) {
  float frame[CONTEXT + FRAME] = {0};
  float state[STATE] = {0};
  int64_t rate = SAMPLE_RATE;
  const int64_t frameShape[] = {1, CONTEXT + FRAME}, stateShape[] = {2, 1, 128};
  const heddle_tensor input = {frame, HEDDLE_F32, 2, frameShape, NULL};
  const heddle_tensor start = {state, HEDDLE_F32, 3, stateShape, NULL};
  const heddle_tensor sampleRate = {&rate, HEDDLE_I64, 0, NULL, NULL};
  heddle_status status;
  if ((status = heddle_bind_input(context, "input", &input)) ||
      (status = heddle_bind_input(context, "sr", &sampleRate)) ||
      (status = heddle_bind_input(context, "state", &start)) ||
      (status = heddle_bind_state(context, "stateN", "state")))
    return status;

  Segments segments = {0};
  for (size_t begin = 0; begin < count; begin += FRAME) {
    const size_t fresh = count - begin < FRAME ? count - begin : FRAME;
    memmove(frame, frame + FRAME, CONTEXT * sizeof *frame);
    memset(frame + CONTEXT, 0, FRAME * sizeof *frame);
    memcpy(frame + CONTEXT, samples + begin, fresh * sizeof *frame);
    heddle_tensor probability;
    if ((status = heddle_run(context)) || (status = heddle_get_output(context, 0, &probability)))
      return status;
    addFrame(&segments, *(const float *)probability.data, begin);
  }
  if (segments.speaking)
    printSegment(segments.begin, count);
  return HEDDLE_OK;
}

int main(int argc, char **argv) {
  if (argc != 3)
    return fail("usage", "detect-speech VAD.hdl SPEECH.wav");
  size_t count = 0;
  float *samples = readWav(argv[2], &count);
  if (!samples)
    return fail(argv[2], "not a WAV file with one channel of 16-bit samples at 16 kHz");

  heddle_model *model = NULL;
  heddle_context *context = NULL;
  heddle_status status = heddle_open(argv[1], NULL, &model);
  if (!status)
    status = heddle_create_context(model, &context);
  if (!status)
    status = detect(context, samples, count);
  if (status)
    fail(argv[1], heddle_message());
  heddle_free_context(context);
  heddle_close(model);
  free(samples);
  return (int)status;
}
