"""Models through every stage, against ONNX Runtime: on the CPU, and the small ones on the simulated GPU."""
import unittest

import numpy as np
import support


def images(batch):
    return {"input": np.random.default_rng(batch).standard_normal((batch, 1, 28, 28), np.float32)}


def rows(batch):
    return {"input": np.random.default_rng(batch).standard_normal((batch, 32), np.float32)}


def sentences(batch, length):
    """Token ids with padding at the end of all sentences but the first."""
    generator = np.random.default_rng(batch * 1000 + length)
    mask = np.ones((batch, length), np.int64)
    for row in range(1, batch):
        mask[row, length - 3 * row :] = 0
    return {
        "input_ids": generator.integers(0, 8192, (batch, length)),
        "attention_mask": mask,
        "token_type_ids": generator.integers(0, 2, (batch, length)),
    }


def decoder_inputs(sizes, vocabulary, layers, heads):
    """New tokens after `past` old ones, whose keys and values are given; sizes are (batch, past, new tokens)."""
    batch, past, length = sizes
    generator = np.random.default_rng(past)
    feeds = {
        "input_ids": generator.integers(0, vocabulary, (batch, length)),
        "attention_mask": np.ones((batch, past + length), np.int64),
        "position_ids": np.tile(np.arange(past, past + length), (batch, 1)),
    }
    for layer in range(layers):
        for part in ("key", "value"):
            feeds[f"past_key_values.{layer}.{part}"] = generator.standard_normal((batch, heads, past, 64), np.float32)
    return feeds


def continuation(*sizes):
    """Of gpt2."""
    return decoder_inputs(sizes, vocabulary=50257, layers=12, heads=12)


def llama_continuation(*sizes):
    """Of llama_tiny_op18."""
    return decoder_inputs(sizes, vocabulary=4096, layers=4, heads=2)


class ModelTest(unittest.TestCase):
    device = "cpu"

    def agree(self, name, feeds, *flags):
        path = support.model(name)
        tag = f"{self.device}-{self.id().split('.')[-1]}"
        got = support.run_model(path, feeds, tag, "--device", self.device, *flags)
        support.check(self, got, support.expected(path, feeds))


class CpuTest(ModelTest):
    def test_mlp(self):
        self.agree("mlp_legacy", rows(1))

    # A second batch size needs no other program: the batch is a free symbol.
    def test_mlp_at_batch_37(self):
        self.agree("mlp_legacy", rows(37))

    def test_lenet(self):
        self.agree("lenet5", images(1))

    def test_lenet_at_batch_3(self):
        self.agree("lenet5", images(3))

    def test_bert(self):
        self.agree("bert_mini_legacy14", sentences(1, 128))

    def test_bert_with_padding(self):
        self.agree("bert_mini_legacy14", sentences(3, 37))

    @unittest.skipUnless(support.FULL, "500 MB of weights: check-full")
    def test_gpt2_without_a_past(self):
        self.agree("gpt2", continuation(1, 0, 16))

    @unittest.skipUnless(support.FULL, "500 MB of weights: check-full")
    def test_gpt2_with_a_past(self):
        self.agree("gpt2", continuation(2, 33, 1))


class SimulatorTest(ModelTest):
    device = "sim"

    def test_mlp(self):
        self.agree("mlp_legacy", rows(2))

    def test_lenet(self):
        self.agree("lenet5", images(1))

    def test_bert(self):
        self.agree("bert_mini_legacy14", sentences(1, 16))

    def test_llama(self):
        self.agree("llama_tiny_op18", llama_continuation(2, 13, 5))

    # Convolutions, transposed ones, group norm and upsampling.
    def test_unet(self):
        self.agree("unet_small", {"input": np.random.default_rng(0).standard_normal((1, 3, 64, 64), np.float32)})


if __name__ == "__main__":
    unittest.main()
