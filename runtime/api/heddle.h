/* The C interface to compiled models: open an artifact, bind buffers, run.
 *
 * Link libheddle_runtime. No compiler, no protobuf, no CUDA library is needed to run an artifact.
 *
 * Every function that can fail returns a heddle_status; heddle_message() then holds one sentence about it for the
 * calling thread. No function throws or ends the process because of its arguments, data or files. Pointers that a
 * function returns belong to the model or context they came from, and last as long as its comment says.
 */
#ifndef HEDDLE_H
#define HEDDLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HEDDLE_API __attribute__((visibility("default")))

/* Why a call failed; also the exit codes of Heddle's programs. */
typedef enum heddle_status {
  HEDDLE_OK = 0,
  HEDDLE_MISMATCH = 1,       /* The simulated device found a defect in a kernel. */
  HEDDLE_MALFORMED = 2,      /* Arguments or data that do not fit the model. */
  HEDDLE_UNSUPPORTED = 3,    /* The artifact holds no code for the chosen device. */
  HEDDLE_COMPILE_FAILED = 4, /* Never returned by this library. */
  HEDDLE_DEVICE_ERROR = 5,   /* A device or driver call failed, or the machine is too old. */
  HEDDLE_OVER_LIMIT = 6,     /* Out of memory, or over the memory limit. */
  HEDDLE_BAD_ARTIFACT = 7,   /* A corrupt or incompatible artifact. */
  HEDDLE_INTERRUPTED = 130   /* heddle_cancel was called. */
} heddle_status;

/* Element types; the numbers are those of ONNX's TensorProto.DataType. Every element takes at least one byte: a bool is
 * a byte 0 or 1, a 4-bit element a byte. */
typedef enum heddle_type {
  HEDDLE_F32 = 1,
  HEDDLE_U8 = 2,
  HEDDLE_I8 = 3,
  HEDDLE_U16 = 4,
  HEDDLE_I16 = 5,
  HEDDLE_I32 = 6,
  HEDDLE_I64 = 7,
  HEDDLE_STRING = 8,
  HEDDLE_BOOL = 9,
  HEDDLE_F16 = 10,
  HEDDLE_F64 = 11,
  HEDDLE_U32 = 12,
  HEDDLE_U64 = 13,
  HEDDLE_BF16 = 16,
  HEDDLE_F8E4M3FN = 17,
  HEDDLE_F8E4M3FNUZ = 18,
  HEDDLE_F8E5M2 = 19,
  HEDDLE_F8E5M2FNUZ = 20,
  HEDDLE_U4 = 21,
  HEDDLE_I4 = 22,
  HEDDLE_F4E2M1 = 23,
  HEDDLE_F8E8M0 = 24
} heddle_type;

/* A compiled model on a device. Immutable: any number of threads may use it at once. */
typedef struct heddle_model heddle_model;
/* One caller's bindings and states. One thread at a time; contexts of one model run side by side. */
typedef struct heddle_context heddle_context;

/* One dimension of an input or output. */
typedef struct heddle_dim {
  int64_t value;    /* -1 if it is free. */
  const char *expr; /* What it is when free: "batch", "past + seq"; otherwise null. */
} heddle_dim;

/* An input or output as the model declares it. Pointers last as long as the model. */
typedef struct heddle_port {
  const char *name;
  heddle_type type;
  size_t rank;
  const heddle_dim *dims;
} heddle_port;

/* A tensor in memory. Elements of type HEDDLE_STRING are `const char *`, zero-terminated. */
typedef struct heddle_tensor {
  void *data;
  heddle_type type;
  size_t rank;
  const int64_t *shape;
  const int64_t *strides; /* In elements; null: row-major without gaps. */
} heddle_tensor;

typedef struct heddle_options {
  size_t size;          /* sizeof(heddle_options), set by heddle_options_init. */
  const char *device;   /* "cpu" (default), "sim" or "sim:sm_90a". */
  int threads;          /* Threads per kernel; 0: all that the process may use. Never changes a result. */
  int lazy_verify;      /* Not 0: do not verify the digests of weights at open. */
  int64_t memory_limit; /* Bytes of arena per run; 0: no limit. */
  int poison_memory;    /* Not 0: fill the arena with signalling NaNs before each run. For tests. */
} heddle_options;

HEDDLE_API void heddle_options_init(heddle_options *options);

/* "0.1.0" */
HEDDLE_API const char *heddle_version(void);
/* What went wrong in the last call of this thread that failed; lasts until its next failing call. Never null. */
HEDDLE_API const char *heddle_message(void);

/* Opens and verifies an artifact. `options` may be null. On success `*model` is to be closed by heddle_close; otherwise
 * it is null. An artifact holds code: its digests protect against damage, not against an attacker. */
HEDDLE_API heddle_status heddle_open(const char *path, const heddle_options *options, heddle_model **model);
/* Frees a model, after all of its contexts. Null is allowed. */
HEDDLE_API void heddle_close(heddle_model *model);

HEDDLE_API size_t heddle_input_count(const heddle_model *model);
HEDDLE_API size_t heddle_output_count(const heddle_model *model);
HEDDLE_API heddle_status heddle_describe_input(const heddle_model *model, size_t index, heddle_port *port);
HEDDLE_API heddle_status heddle_describe_output(const heddle_model *model, size_t index, heddle_port *port);

/* On success `*context` is to be freed by heddle_free_context. */
HEDDLE_API heddle_status heddle_create_context(heddle_model *model, heddle_context **context);
HEDDLE_API void heddle_free_context(heddle_context *context);

/* Lends a buffer as an input for all runs until it is bound again. The data is read when heddle_run is called and must
 * live until that call returns (strings are copied at once); shape and strides are copied. */
HEDDLE_API heddle_status heddle_bind_input(heddle_context *context, const char *name, const heddle_tensor *tensor);
/* Lends a buffer that heddle_run fills; its shape must be that of the result. No byte may also belong to an input.
 * Outputs that are not bound get memory of the context. Strings and states cannot be bound. */
HEDDLE_API heddle_status heddle_bind_output(heddle_context *context, const char *name, const heddle_tensor *tensor);
/* Makes `output` of each run the `input` of the next, without a copy. Before the first run the input is all zeros;
 * dimensions that no bound input determines are 0. A buffer bound to `input` is used for the first run instead. */
HEDDLE_API heddle_status heddle_bind_state(heddle_context *context, const char *output, const char *input);
/* Forgets the states, as before the first run. */
HEDDLE_API heddle_status heddle_reset_states(heddle_context *context);

/* The shape that an output will have with the inputs bound now: `rank` values into `shape`, which has room for
 * `capacity`; -1 where it depends on data. */
HEDDLE_API heddle_status heddle_output_shape(heddle_context *context, size_t index, int64_t *shape, size_t capacity,
                                             size_t *rank);

/* Runs the model once. */
HEDDLE_API heddle_status heddle_run(heddle_context *context);
/* Ends a run of `context` that goes on in another thread, or the next one, with HEDDLE_INTERRUPTED before its next
 * step. The only function that may be called on a context while it runs. */
HEDDLE_API void heddle_cancel(heddle_context *context);

/* The result of the last successful run. The tensor lasts until the next run, the next call for this output, or the end
 * of the context; `data` is the caller's buffer if one was bound. */
HEDDLE_API heddle_status heddle_get_output(heddle_context *context, size_t index, heddle_tensor *tensor);

/* What the simulated device found wrong in kernels during the last heddle_run of this context: text `index`, or null if
 * there are not so many. Lasts until the next run. */
HEDDLE_API const char *heddle_finding(const heddle_context *context, size_t index);
/* Bytes of arena that a model holds between runs, for all of its contexts. */
HEDDLE_API int64_t heddle_arena_bytes(const heddle_model *model);

#ifdef __cplusplus
}
#endif

#endif /* HEDDLE_H */
