"""The graphs that export_graphs.py draws from: small configurations of public architectures, by family.

A builder takes a random.Random and returns a Subject.
"""
import dataclasses
import importlib
from typing import Callable

import torch
from torch import nn


@dataclasses.dataclass
class Subject:
    module: nn.Module
    inputs: dict  # name -> function of the binding that draws a tensor
    free: dict  # input name -> {axis: symbol}
    outputs: list
    bindings: int = 2

    def example(self, binding):
        return tuple(make(binding) for make in self.inputs.values())


class Plain(nn.Module):
    """Calls a model with positional tensors as keyword arguments, and returns the chosen tensors of its result. An
    argument without a name is positional there too."""

    def __init__(self, model, names, results):
        super().__init__()
        self.model, self.names, self.results = model, names, results

    def forward(self, *tensors):
        named = {name: tensor for name, tensor in zip(self.names, tensors) if name}
        out = self.model(*tensors[: len(tensors) - len(named)], **named)
        return tuple(out[name] for name in self.results)


FAMILIES = {"vision": {}, "text": {}, "speech": {}, "detection": {}, "recurrent": {}}


def family(name):
    def register(build):
        FAMILIES[name][build.__name__] = build
        return build

    return register


def add(family_name, name, build: Callable):
    FAMILIES[family_name][name] = build


# ---- vision ----


def picture(size, channels=3):
    return lambda binding: torch.randn(1 + binding, channels, size, size)


def image_model(make, size):
    return Subject(make.eval(), {"x": picture(size)}, {"x": {0: "batch"}}, ["y"])


def torchvision_model(name, size=64, **options):
    def build(rng):
        models = importlib.import_module("torchvision.models")
        return image_model(models.get_model(name, weights=None, num_classes=rng.randint(5, 20), **options), size)

    return build


def timm_model(name, size=64, **options):
    def build(rng):
        timm = importlib.import_module("timm")
        return image_model(timm.create_model(name, pretrained=False, num_classes=rng.randint(5, 20), **options), size)

    return build


for entry in ("shufflenet_v2_x0_5", "squeezenet1_1", "mnasnet0_5", "mobilenet_v3_small", "regnet_y_400mf", "densenet121"):
    add("vision", entry, torchvision_model(entry))
add("vision", "googlenet", torchvision_model("googlenet", aux_logits=False, init_weights=False))
for entry in ("convnext_atto", "ghostnet_100", "edgenext_xx_small", "repvgg_a0", "resnest14d", "mobilevitv2_050"):
    add("vision", entry, timm_model(entry))
add("vision", "mixer", timm_model("gmixer_12_224", img_size=64))
add("vision", "levit", timm_model("levit_128s", size=224))
for entry in ("resnet18", "efficientnet_b0", "mobilenet_v2", "swin_v2_t"):
    add("vision", entry, torchvision_model(entry))
for entry in ("mobilenetv4_conv_small", "efficientvit_b0", "fastvit_t8", "pvt_v2_b0", "hrnet_w18_small", "dla34", "poolformer_s12"):
    add("vision", entry, timm_model(entry))
for entry in ("vit_tiny_patch16_224", "cait_xxs24_224", "xcit_nano_12_p16_224", "resmlp_12_224"):
    add("vision", entry, timm_model(entry, img_size=64))
add("vision", "tiny_vit", timm_model("tiny_vit_5m_224", size=224))
add("vision", "halonet", timm_model("halonet26t", size=256))
add("vision", "coatnet", timm_model("coatnet_nano_rw_224", img_size=64))
add("vision", "swin", timm_model("swin_tiny_patch4_window7_224", size=56, img_size=56, embed_dim=24, depths=(2, 2), num_heads=(2, 4)))


# ---- text ----


def tokens(vocabulary):
    return lambda binding: torch.randint(3, vocabulary, (1 + binding, 9 + 4 * binding))


def mask(binding):
    ones = torch.ones(1 + binding, 9 + 4 * binding, dtype=torch.int64)
    ones[-1, -2:] = 0
    return ones


def choose_attention(config, kind, rng):
    drawn = rng.choice(("eager", "sdpa"))
    config._attn_implementation = drawn if kind._supports_sdpa else "eager"


def text_model(architecture, result="last_hidden_state", **options):
    """An encoder or decoder of `transformers` over token ids and a padding mask."""

    def build(rng):
        transformers = importlib.import_module("transformers")
        config = getattr(transformers, architecture + "Config")(**({"vocab_size": 128} | options))
        kind = getattr(transformers, architecture + "Model")
        choose_attention(config, kind, rng)
        config.use_cache = False
        model = kind(config).eval()
        names = ["input_ids", "attention_mask"]
        free = {name: {0: "batch", 1: "sequence"} for name in names}
        return Subject(Plain(model, names, [result]), {names[0]: tokens(128), names[1]: mask}, free, ["hidden"])

    return build


SMALL = dict(hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96)
for entry in ("Roberta", "Electra", "MPNet", "Bert", "XLMRoberta"):
    add("text", entry.lower(), text_model(entry, **SMALL))
add("text", "albert", text_model("Albert", embedding_size=24, **SMALL))
add("text", "distilbert", text_model("DistilBert", dim=48, n_layers=2, n_heads=4, hidden_dim=96))
add("text", "gpt_neo", text_model("GPTNeo", hidden_size=48, num_layers=2, attention_types=[[["global", "local"], 1]], num_heads=4, window_size=8))
add("text", "opt", text_model("OPT", hidden_size=48, num_hidden_layers=2, num_attention_heads=4, ffn_dim=96, word_embed_proj_dim=48))
add("text", "bloom", text_model("Bloom", hidden_size=48, n_layer=2, n_head=4))
for entry in ("Qwen2", "Mistral", "Llama", "Phi", "Gemma"):
    extra = dict(head_dim=12) if entry == "Gemma" else {}
    add("text", entry.lower(), text_model(entry, num_key_value_heads=2, pad_token_id=0, **extra, **SMALL))
for entry in ("Ernie", "ConvBert", "RemBert", "SqueezeBert", "Deberta", "DebertaV2"):
    extra = dict(ConvBert=dict(embedding_size=48), RemBert=dict(input_embedding_size=24), SqueezeBert=dict(embedding_size=48))
    extra |= dict(Deberta=dict(relative_attention=True, pos_att_type=["c2p", "p2c"]))
    extra["DebertaV2"] = extra["Deberta"]
    add("text", entry.lower(), text_model(entry, **extra.get(entry, {}), **SMALL))
for entry in ("GPTNeoX", "StableLm", "Olmo", "Granite", "Qwen3", "Gemma2", "Phi3", "Cohere", "Starcoder2", "ModernBert"):
    extra = dict(Gemma2=dict(head_dim=12), Qwen3=dict(head_dim=12), StableLm=dict(partial_rotary_factor=0.5)).get(entry, {})
    add("text", entry.lower(), text_model(entry, pad_token_id=0, num_key_value_heads=4, **extra, **SMALL))
add("text", "gpt2", text_model("GPT2", n_embd=48, n_layer=2, n_head=4))
add("text", "falcon", text_model("Falcon", hidden_size=48, num_hidden_layers=2, num_attention_heads=4))
add("text", "xlnet", text_model("XLNet", d_model=48, n_layer=2, n_head=4, d_inner=96))
add("text", "gptj", text_model("GPTJ", n_embd=48, n_layer=2, n_head=4, rotary_dim=8))
add("text", "mamba", text_model("Mamba", hidden_size=48, num_hidden_layers=2, state_size=8))
add("text", "bart", text_model("Bart", d_model=48, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=96, decoder_ffn_dim=96))


@family("text")
def t5_encoder(rng):
    transformers = importlib.import_module("transformers")
    config = transformers.T5Config(vocab_size=128, d_model=48, d_kv=12, d_ff=96, num_layers=2, num_heads=4)
    names = ["input_ids", "attention_mask"]
    module = Plain(transformers.T5EncoderModel(config).eval(), names, ["last_hidden_state"])
    return Subject(module, {names[0]: tokens(128), names[1]: mask}, {n: {0: "batch", 1: "sequence"} for n in names}, ["hidden"])


# ---- speech ----


def speech_model(architecture, **options):
    def build(rng):
        transformers = importlib.import_module("transformers")
        config = getattr(transformers, architecture + "Config")(
            conv_dim=(24, 24, 24), conv_kernel=(10, 3, 2), conv_stride=(5, 2, 2), num_conv_pos_embeddings=8,
            num_conv_pos_embedding_groups=4, num_feat_extract_layers=3, apply_spec_augment=False, **SMALL, **options,
        )
        kind = getattr(transformers, architecture + "Model")
        choose_attention(config, kind, rng)
        model = Plain(kind(config).eval(), ["input_values"], ["last_hidden_state"])
        return Subject(model, {"x": lambda b: torch.randn(1 + b, 1600 + 400 * b)}, {"x": {0: "batch", 1: "samples"}}, ["y"])

    return build


add("speech", "wav2vec2", speech_model("Wav2Vec2"))
add("speech", "hubert", speech_model("Hubert"))
add("speech", "wav2vec2_layer_norm", speech_model("Wav2Vec2", feat_extract_norm="layer", do_stable_layer_norm=True))
add("speech", "wavlm", speech_model("WavLM"))
add("speech", "unispeech", speech_model("UniSpeech"))
add("speech", "data2vec", speech_model("Data2VecAudio"))
add("speech", "conformer", speech_model("Wav2Vec2Conformer"))


@family("speech")
def whisper_encoder(rng):
    transformers = importlib.import_module("transformers")
    config = transformers.WhisperConfig(d_model=48, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=96, num_mel_bins=16, max_source_positions=50)
    whisper = importlib.import_module("transformers.models.whisper.modeling_whisper")
    model = Plain(whisper.WhisperEncoder(config).eval(), ["input_features"], ["last_hidden_state"])
    return Subject(model, {"x": lambda b: torch.randn(1 + b, 16, 100)}, {"x": {0: "batch"}}, ["y"])


@family("speech")
def spectrogram_crnn(rng):
    """Log spectrogram, convolutions over time and frequency, and a GRU over time, as in keyword spotters."""

    class Spotter(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("window", torch.hann_window(64))
            self.conv, self.rnn, self.head = nn.Conv2d(1, 6, 3, stride=2), nn.GRU(96, 16, batch_first=True), nn.Linear(16, 5)

        def forward(self, x):
            frames = x.unfold(-1, 64, 32) * self.window
            basis = torch.fft.rfft(torch.eye(64))
            power = (frames @ basis.real) ** 2 + (frames @ basis.imag) ** 2
            features = self.conv(torch.log(power + 1e-3).unsqueeze(1)).relu()
            hidden, _ = self.rnn(features.transpose(1, 2).flatten(2))
            return self.head(hidden.mean(1))

    return Subject(Spotter().eval(), {"x": lambda b: torch.randn(1 + b, 640 + 320 * b)}, {"x": {0: "batch", 1: "samples"}}, ["y"])


@family("speech")
def audio_spectrogram_transformer(rng):
    transformers = importlib.import_module("transformers")
    config = transformers.ASTConfig(max_length=64, num_mel_bins=32, **SMALL)
    model = Plain(transformers.ASTModel(config).eval(), ["input_values"], ["pooler_output"])
    return Subject(model, {"x": lambda b: torch.randn(1 + b, 64, 32)}, {"x": {0: "batch"}}, ["y"])


@family("speech")
def conv_tasnet_like(rng):
    """Dilated depthwise convolutions over time between an encoder and a transposed convolution."""
    layers = [nn.Conv1d(1, 24, 16, stride=8)]
    for dilation in (1, 2, 4):
        layers += [nn.Conv1d(24, 24, 3, padding=dilation, dilation=dilation, groups=24), nn.PReLU(), nn.GroupNorm(1, 24)]
    layers += [nn.ConvTranspose1d(24, 1, 16, stride=8)]
    return Subject(nn.Sequential(*layers).eval(), {"x": lambda b: torch.randn(1 + b, 1, 320 + 64 * b)}, {"x": {0: "batch", 2: "samples"}}, ["y"])


# ---- detection and segmentation ----


class Boxes(nn.Module):
    """A torchvision detector on one image, its results in a tuple."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        found = self.model([x])[0]
        return found["boxes"], found["scores"], found["labels"]


def detector(name, size=96, **options):
    def build(rng):
        models = importlib.import_module("torchvision.models.detection")
        model = getattr(models, name)(weights=None, weights_backbone=None, num_classes=5, **options).eval()
        inputs = {"x": lambda b: torch.rand(3, size, size)}
        return Subject(Boxes(model), inputs, {}, ["boxes", "scores", "labels"])

    return build


SIZES = dict(min_size=96, max_size=96)
add("detection", "fasterrcnn_mobilenet", detector("fasterrcnn_mobilenet_v3_large_320_fpn", **SIZES))
add("detection", "ssdlite", detector("ssdlite320_mobilenet_v3_large"))
add("detection", "retinanet", detector("retinanet_resnet50_fpn", **SIZES))
add("detection", "fcos", detector("fcos_resnet50_fpn", **SIZES))


def segmenter(name):
    def build(rng):
        segmentation = importlib.import_module("torchvision.models.segmentation")
        model = getattr(segmentation, name)(weights=None, weights_backbone=None, num_classes=4).eval()
        return Subject(Plain(model, [None], ["out"]), {"x": lambda b: torch.randn(1, 3, 64 + 32 * b, 64)}, {"x": {2: "height"}}, ["y"])

    return build


add("detection", "lraspp", segmenter("lraspp_mobilenet_v3_large"))
add("detection", "deeplab", segmenter("deeplabv3_mobilenet_v3_large"))


@family("detection")
def dpt(rng):
    transformers = importlib.import_module("transformers")
    config = transformers.DPTConfig(image_size=64, patch_size=16, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[8, 16, 24, 32], fusion_hidden_size=16, **(SMALL | dict(num_hidden_layers=4)))
    model = Plain(transformers.DPTForDepthEstimation(config).eval(), ["pixel_values"], ["predicted_depth"])
    return Subject(model, {"x": picture(64)}, {"x": {0: "batch"}}, ["depth"])


@family("detection")
def anchor_free_head(rng):
    """A YOLO-like head: boxes from distributions over distances, grids from the sizes of the feature maps."""

    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.SiLU(), nn.Conv2d(16, 16, 3, 2, 1), nn.SiLU())
            self.down, self.box, self.score = nn.Conv2d(16, 16, 3, 2, 1), nn.Conv2d(16, 32, 1), nn.Conv2d(16, 3, 1)

        def forward(self, x):
            first = self.stem(x)
            boxes, scores = [], []
            for features, stride in ((first, 4), (self.down(first), 8)):
                b, _, h, w = features.shape
                bins = self.box(features).view(b, 4, 8, h * w).softmax(2)
                distance = (bins * torch.arange(8.0).view(1, 1, 8, 1)).sum(2)
                y, x = torch.meshgrid(torch.arange(h) + 0.5, torch.arange(w) + 0.5, indexing="ij")
                centre = torch.stack([x, y]).view(1, 2, -1)
                boxes.append(torch.cat([centre - distance[:, :2], centre + distance[:, 2:]], 1) * stride)
                scores.append(self.score(features).flatten(2).sigmoid())
            best, kept = torch.cat(scores, 2).amax(1).topk(10)
            return torch.cat(boxes, 2).gather(2, kept.unsqueeze(1).expand(-1, 4, -1)), best

    inputs = {"x": lambda b: torch.randn(1 + b, 3, 48 + 16 * b, 64)}
    return Subject(Head().eval(), inputs, {"x": {0: "batch", 2: "height"}}, ["boxes", "scores"])


@family("detection")
def yolos(rng):
    transformers = importlib.import_module("transformers")
    config = transformers.YolosConfig(image_size=[64, 64], num_detection_tokens=10, **SMALL)
    model = Plain(transformers.YolosForObjectDetection(config).eval(), ["pixel_values"], ["logits", "pred_boxes"])
    return Subject(model, {"x": picture(64)}, {"x": {0: "batch"}}, ["logits", "boxes"])


@family("detection")
def segformer(rng):
    transformers = importlib.import_module("transformers")
    config = transformers.SegformerConfig(hidden_sizes=[8, 16, 24, 32], decoder_hidden_size=32, depths=[1, 1, 1, 1], num_attention_heads=[1, 2, 2, 4])
    model = Plain(transformers.SegformerForSemanticSegmentation(config).eval(), ["pixel_values"], ["logits"])
    return Subject(model, {"x": lambda b: torch.randn(1 + b, 3, 64 + 32 * b, 64)}, {"x": {0: "batch", 2: "height"}}, ["logits"])


@family("detection")
def fcn(rng):
    segmentation = importlib.import_module("torchvision.models.segmentation")
    model = segmentation.fcn_resnet50(weights=None, weights_backbone=None, num_classes=4).eval()
    return Subject(Plain(model, ["x"], ["out"]), {"x": lambda b: torch.randn(1, 3, 64 + 32 * b, 64)}, {"x": {2: "height"}}, ["y"])


@family("detection")
def upsampling_head(rng):
    """Feature maps of three scales, merged by resizing, as in FPN and DBNet."""

    class Head(nn.Module):
        def __init__(self, mode):
            super().__init__()
            self.stages = nn.ModuleList(nn.Conv2d(c, 16, 3, stride=2, padding=1) for c in (3, 16, 16))
            self.options = {"mode": mode} if mode == "nearest" else {"mode": mode, "align_corners": rng.random() < 0.5}

        def forward(self, x):
            maps = []
            for stage in self.stages:
                x = torch.relu(stage(x))
                maps.append(x)
            size = maps[0].shape[-2:]
            return torch.cat([nn.functional.interpolate(m, size=size, **self.options) for m in maps], 1)

    return Subject(Head(rng.choice(("nearest", "bilinear", "bicubic"))).eval(), {"x": lambda b: torch.randn(1, 3, 48 + 16 * b, 64)}, {"x": {2: "height"}}, ["y"])


# ---- recurrent ----


class Sequence(nn.Module):
    """A recurrent layer over embedded tokens, with all of its results."""

    def __init__(self, layer, width):
        super().__init__()
        self.embed, self.layer = nn.Embedding(50, 16), layer
        self.head = nn.Linear(width, 7)

    def forward(self, ids):
        hidden, state = self.layer(self.embed(ids))
        last = state[0] if isinstance(state, tuple) else state
        return self.head(hidden), last


def recurrent(kind, **options):
    def build(rng):
        both = rng.random() < 0.5
        layer = getattr(nn, kind)(16, 12, num_layers=rng.choice((1, 2)), bidirectional=both, batch_first=True, **options)
        inputs = {"ids": lambda b: torch.randint(0, 50, (2 + b, 6 + 5 * b))}
        return Subject(Sequence(layer, 24 if both else 12).eval(), inputs, {"ids": {0: "batch", 1: "sequence"}}, ["y", "state"])

    return build


add("recurrent", "lstm", recurrent("LSTM"))
add("recurrent", "gru", recurrent("GRU"))
add("recurrent", "rnn_tanh", recurrent("RNN"))
add("recurrent", "rnn_relu", recurrent("RNN", nonlinearity="relu"))


@family("recurrent")
def language_model(rng):
    """An LSTM that takes and gives its state, as in streaming decoders."""

    class Streaming(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.layer, self.head = nn.Embedding(50, 16), nn.LSTM(16, 20, num_layers=2, batch_first=True), nn.Linear(20, 50)

        def forward(self, ids, h, c):
            hidden, (h, c) = self.layer(self.embed(ids), (h, c))
            return self.head(nn.functional.layer_norm(hidden, (20,))), h, c

    state = lambda b: torch.randn(2, 2 + b, 20)
    inputs = {"ids": lambda b: torch.randint(0, 50, (2 + b, 6 + 5 * b)), "h": state, "c": state}
    free = {"ids": {0: "batch", 1: "sequence"}, "h": {1: "batch"}, "c": {1: "batch"}}
    return Subject(Streaming().eval(), inputs, free, ["logits", "hn", "cn"])


@family("recurrent")
def forecaster(rng):
    """Gated convolutions over time, a GRU, and an attention over its steps."""

    class Forecaster(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.rnn = nn.Conv1d(4, 24, 3, padding=1), nn.GRU(12, 12, bidirectional=True, batch_first=True)
            self.attention, self.head = nn.MultiheadAttention(24, 4, batch_first=True), nn.Linear(24, 3)

        def forward(self, x):
            steps = nn.functional.glu(self.conv(x.transpose(1, 2)), 1).transpose(1, 2)
            hidden, _ = self.rnn(steps)
            mixed, _ = self.attention(hidden[:, -1:], hidden, hidden)
            return self.head(mixed.squeeze(1)) + x[:, -1, :3]

    return Subject(Forecaster().eval(), {"x": lambda b: torch.randn(2 + b, 7 + 4 * b, 4)}, {"x": {0: "batch", 1: "steps"}}, ["y"])


@family("recurrent")
def encoder_decoder(rng):
    """A GRU encoder whose state starts a decoder cell that runs a fixed number of steps with attention."""

    class Translator(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed, self.encoder = nn.Embedding(50, 16), nn.GRU(16, 16, batch_first=True)
            self.cell, self.out = nn.GRUCell(32, 16), nn.Linear(16, 50)

        def forward(self, ids):
            memory, state = self.encoder(self.embed(ids))
            h, token, logits = state[0], ids[:, 0], []
            for _ in range(4):
                weights = torch.softmax(torch.einsum("bsd,bd->bs", memory, h), -1)
                context = torch.einsum("bs,bsd->bd", weights, memory)
                h = self.cell(torch.cat([self.embed(token), context], -1), h)
                logits.append(self.out(h))
                token = logits[-1].argmax(-1)
            return torch.stack(logits, 1)

    return Subject(Translator().eval(), {"ids": lambda b: torch.randint(0, 50, (2 + b, 6 + 5 * b))}, {"ids": {0: "batch", 1: "sequence"}}, ["logits"])


@family("recurrent")
def conv_lstm_crnn(rng):
    """A text recogniser: convolutions, then a bidirectional LSTM over the width."""

    class Crnn(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(1, 12, 3, 2, 1), nn.BatchNorm2d(12), nn.Hardswish(), nn.Conv2d(12, 16, 3, (2, 1), 1), nn.ReLU(), nn.MaxPool2d((4, 1)))
            self.rnn, self.head = nn.LSTM(32, 20, bidirectional=True, batch_first=True), nn.Linear(40, 30)

        def forward(self, x):
            features = self.features(x)
            return torch.log_softmax(self.head(self.rnn(features.flatten(1, 2).transpose(1, 2))[0]), -1)

    return Subject(Crnn().eval(), {"x": lambda b: torch.randn(1 + b, 1, 32, 40 + 24 * b)}, {"x": {0: "batch", 3: "width"}}, ["y"])
