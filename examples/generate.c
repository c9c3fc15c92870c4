/* Greedy decoding with a KV cache: a program that embeds a compiled language model.
 *
 * Usage: generate MODEL.hdl COUNT ID...
 * Prints the COUNT token ids that follow the prompt ID..., one line. The model takes input_ids [batch, seq], and
 * attention_mask and position_ids where it has them; its outputs are logits [batch, seq, vocabulary] and the cache:
 * present.X for every input past_key_values.X.
 *
 *   cc generate.c -I PREFIX/include -L PREFIX/lib -lheddle_runtime -o generate
 */
#include <heddle/heddle.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char past_prefix[] = "past_key_values.";
static const char present_prefix[] = "present.";

/* What goes into one step: the new tokens, and how far the sequence is. */
typedef struct step {
  int64_t *ids;       /* [1, count] */
  int64_t *positions; /* [1, count] */
  int64_t *mask;      /* [1, past + count] */
  int64_t count;
  int64_t past;
} step;

static void check(heddle_status status) {
  if (status == HEDDLE_OK)
    return;
  fprintf(stderr, "generate: error: %s\n", heddle_message());
  exit((int)status);
}

static void *allocate(size_t bytes) {
  void *memory = malloc(bytes);
  if (!memory) {
    fprintf(stderr, "generate: error: out of memory\n");
    exit(HEDDLE_OVER_LIMIT);
  }
  return memory;
}

static int has_input(const heddle_model *model, const char *name) {
  heddle_port port;
  for (size_t i = 0; i < heddle_input_count(model); ++i) {
    check(heddle_describe_input(model, i, &port));
    if (strcmp(port.name, name) == 0)
      return 1;
  }
  return 0;
}

static size_t find_output(const heddle_model *model, const char *name) {
  heddle_port port;
  for (size_t i = 0; i < heddle_output_count(model); ++i) {
    check(heddle_describe_output(model, i, &port));
    if (strcmp(port.name, name) == 0)
      return i;
  }
  fprintf(stderr, "generate: error: the model has no output '%s'\n", name);
  exit(HEDDLE_MALFORMED);
}

/* The cache of one step is the past of the next; it starts empty. */
static void bind_cache(const heddle_model *model, heddle_context *context) {
  heddle_port port;
  for (size_t i = 0; i < heddle_input_count(model); ++i) {
    check(heddle_describe_input(model, i, &port));
    if (strncmp(port.name, past_prefix, strlen(past_prefix)) != 0)
      continue;
    const char *rest = port.name + strlen(past_prefix);
    char *present = allocate(strlen(present_prefix) + strlen(rest) + 1);
    strcpy(present, present_prefix);
    strcat(present, rest);
    check(heddle_bind_state(context, present, port.name));
    free(present);
  }
}

static void bind_row(const heddle_model *model, heddle_context *context, const char *name, int64_t *values,
                     int64_t count) {
  int64_t shape[] = {1, count};
  heddle_tensor tensor = {values, HEDDLE_I64, 2, shape, NULL};
  if (has_input(model, name))
    check(heddle_bind_input(context, name, &tensor));
}

/* Runs one step and returns the id with the highest logit after its last token. */
static int64_t next_token(const heddle_model *model, heddle_context *context, const step *step) {
  bind_row(model, context, "input_ids", step->ids, step->count);
  bind_row(model, context, "position_ids", step->positions, step->count);
  bind_row(model, context, "attention_mask", step->mask, step->past + step->count);
  check(heddle_run(context));
  heddle_tensor logits;
  check(heddle_get_output(context, find_output(model, "logits"), &logits));
  if (logits.type != HEDDLE_F32 || logits.rank != 3) {
    fprintf(stderr, "generate: error: the logits are not f32 of rank 3\n");
    exit(HEDDLE_MALFORMED);
  }
  const int64_t vocabulary = logits.shape[2];
  const float *last = (const float *)logits.data + (logits.shape[1] - 1) * vocabulary;
  int64_t best = 0;
  for (int64_t id = 1; id < vocabulary; ++id)
    if (last[id] > last[best])
      best = id;
  return best;
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: generate MODEL.hdl COUNT ID...\n");
    return HEDDLE_MALFORMED;
  }
  heddle_model *model = NULL;
  heddle_context *context = NULL;
  check(heddle_open(argv[1], NULL, &model));
  check(heddle_create_context(model, &context));
  bind_cache(model, context);

  const int64_t wanted = strtoll(argv[2], NULL, 10), prompt = argc - 3;
  const size_t bytes = (size_t)(prompt + (wanted > 0 ? wanted : 0)) * sizeof(int64_t);
  step step = {allocate(bytes), allocate(bytes), allocate(bytes), prompt, 0};
  for (int64_t i = 0; i < (int64_t)(bytes / sizeof(int64_t)); ++i)
    step.mask[i] = 1;
  for (int64_t i = 0; i < prompt; ++i)
    step.ids[i] = strtoll(argv[3 + i], NULL, 10);
  for (int64_t made = 0; made < wanted; ++made) {
    for (int64_t i = 0; i < step.count; ++i)
      step.positions[i] = step.past + i;
    const int64_t token = next_token(model, context, &step);
    printf("%lld%c", (long long)token, made + 1 == wanted ? '\n' : ' ');
    fflush(stdout);
    step.past += step.count;
    step.count = 1;
    step.ids[0] = token;
  }

  free(step.ids);
  free(step.positions);
  free(step.mask);
  heddle_free_context(context);
  heddle_close(model);
  return HEDDLE_OK;
}
