"""Models of torchvision, timm, Hugging Face's transformers and ultralytics, with seeded weights, by both ONNX exporters.

    python scripts/oracles/zoo/torch_zoo.py FOLDER [NAME ...]
"""

import os
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("YOLO_VERBOSE", "false")
import logging

logging.disable(logging.WARNING)
import numpy as np
import torch
from common import record, values

IMAGE = ("pixels", (1, 3, 64, 64))


def tv(name, shape=IMAGE[1], **options):
    def build():
        import torchvision

        return getattr(torchvision.models, name)(weights=None, **options), [("pixels", shape)]

    return build


def tv_segmentation(name):
    def build():
        import torchvision

        class Out(torch.nn.Module):
            def __init__(self, net):
                super().__init__()
                self.net = net

            def forward(self, x):
                return self.net(x)["out"]

        net = getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, num_classes=5)
        return Out(net), [IMAGE]

    return build


def tv_video(name):
    def build():
        import torchvision

        return getattr(torchvision.models.video, name)(weights=None, num_classes=5), [("clip", (1, 3, 4, 32, 32))]

    return build


def tv_vit():
    from torchvision.models import VisionTransformer

    return VisionTransformer(image_size=32, patch_size=8, num_layers=3, num_heads=4, hidden_dim=64, mlp_dim=128, num_classes=10), [("pixels", (1, 3, 32, 32))]


def timm_model(name, size=64, **options):
    def build():
        import timm

        return timm.create_model(name, pretrained=False, num_classes=10, **options), [("pixels", (1, 3, size, size))]

    return build


def text(model, config, **options):
    """A Hugging Face model on word numbers; its first output."""

    def build():
        import transformers

        class First(torch.nn.Module):
            def __init__(self, net, masked):
                super().__init__()
                self.net, self.masked = net, masked

            def forward(self, input_ids, attention_mask=None):
                given = {"attention_mask": attention_mask} if self.masked else {}
                return self.net(input_ids=input_ids, **given)[0]

        masked = options.pop("masked", True)
        common = dict(vocab_size=100)
        net = getattr(transformers, model)(getattr(transformers, config)(**{**common, **options}))
        inputs = [("input_ids", (1, 12), "int64", 100)]
        if masked:
            inputs.append(("attention_mask", (1, 12), "int64", 1))
        return First(net, masked), inputs

    return build


def vision(model, config, shape=(1, 3, 32, 32), name="pixel_values", **options):
    def build():
        import transformers

        class First(torch.nn.Module):
            def __init__(self, net):
                super().__init__()
                self.net = net

            def forward(self, x):
                return self.net(x)[0]

        return First(getattr(transformers, model)(getattr(transformers, config)(**options))), [(name, shape)]

    return build


def yolo(config):
    def build():
        from ultralytics import YOLO

        net = YOLO(config).model
        net.eval()
        for module in net.modules():
            if hasattr(module, "export"):
                module.export, module.format = True, "onnx"
        return net, [IMAGE]

    return build


SMALL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, max_position_embeddings=32)

MODELS = {
    "tv_resnet18": tv("resnet18", num_classes=10),
    "tv_mobilenet_v2": tv("mobilenet_v2", num_classes=10),
    "tv_mobilenet_v3_small": tv("mobilenet_v3_small", num_classes=10),
    "tv_mnasnet0_5": tv("mnasnet0_5", num_classes=10),
    "tv_shufflenet_v2_x0_5": tv("shufflenet_v2_x0_5", num_classes=10),
    "tv_squeezenet1_1": tv("squeezenet1_1", num_classes=10),
    "tv_efficientnet_b0": tv("efficientnet_b0", num_classes=10),
    "tv_regnet_y_400mf": tv("regnet_y_400mf", num_classes=10),
    "tv_googlenet": tv("googlenet", num_classes=10, aux_logits=False, init_weights=False),
    "tv_densenet121": tv("densenet121", num_classes=10),
    "tv_swin_t": tv("swin_t", num_classes=10),
    "tv_vit": tv_vit,
    "tv_lraspp": tv_segmentation("lraspp_mobilenet_v3_large"),
    "tv_deeplab": tv_segmentation("deeplabv3_mobilenet_v3_large"),
    "tv_r3d_18": tv_video("r3d_18"),
    "timm_tinynet_e": timm_model("tinynet_e"),
    "timm_lcnet_050": timm_model("lcnet_050"),
    "timm_mobilenetv4_conv_small": timm_model("mobilenetv4_conv_small"),
    "timm_ghostnet_050": timm_model("ghostnet_050"),
    "timm_mobilevit_xxs": timm_model("mobilevit_xxs"),
    "timm_efficientformerv2_s0": timm_model("efficientformerv2_s0", 224),
    "timm_fastvit_t8": timm_model("fastvit_t8"),
    "timm_edgenext_xx_small": timm_model("edgenext_xx_small"),
    "timm_levit_128s": timm_model("levit_128s", 224),
    "timm_deit_tiny": timm_model("deit_tiny_patch16_224", img_size=64),
    "timm_mixer_s32": timm_model("mixer_s32_224", img_size=64),
    "timm_resmlp_12": timm_model("resmlp_12_224", img_size=64),
    "timm_poolformer_s12": timm_model("poolformer_s12"),
    "timm_repvgg_a0": timm_model("repvgg_a0"),
    "timm_mobileone_s0": timm_model("mobileone_s0"),
    "timm_convnext_atto": timm_model("convnext_atto"),
    "timm_xcit_nano": timm_model("xcit_nano_12_p16_224", img_size=64),
    "timm_coat_lite_tiny": timm_model("coat_lite_tiny", img_size=64),
    "timm_starnet_s1": timm_model("starnet_s1"),
    "timm_hgnetv2_b0": timm_model("hgnetv2_b0"),
    "timm_nfnet_l0": timm_model("nfnet_l0"),
    "timm_eva02_tiny": timm_model("eva02_tiny_patch14_224", img_size=56, size=56),
    "timm_swinv2_cr_tiny": timm_model("swinv2_cr_tiny_ns_224", img_size=64),
    "hf_bert": text("BertModel", "BertConfig", **SMALL),
    "hf_distilbert": text("DistilBertModel", "DistilBertConfig", dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=32),
    "hf_albert": text("AlbertModel", "AlbertConfig", embedding_size=16, **SMALL),
    "hf_electra": text("ElectraModel", "ElectraConfig", embedding_size=16, **SMALL),
    "hf_roberta": text("RobertaModel", "RobertaConfig", **SMALL),
    "hf_gpt2": text("GPT2Model", "GPT2Config", masked=False, n_embd=32, n_layer=2, n_head=4, n_positions=32, use_cache=False),
    "hf_t5_encoder": text("T5EncoderModel", "T5Config", d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4),
    "hf_vit": vision("ViTModel", "ViTConfig", image_size=32, patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64),
    "hf_segformer": vision("SegformerForSemanticSegmentation", "SegformerConfig", shape=(1, 3, 64, 64), depths=[1, 1, 1, 1], hidden_sizes=[8, 16, 24, 32], decoder_hidden_size=32, num_labels=4),
    "hf_wav2vec2": vision("Wav2Vec2Model", "Wav2Vec2Config", shape=(1, 1600), name="input_values", conv_dim=(16, 16, 16), conv_stride=(5, 4, 4), conv_kernel=(10, 8, 4), num_feat_extract_layers=3, num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=4, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64),
    "hf_whisper_encoder": vision("WhisperModel", "WhisperConfig", shape=(1, 16, 40), name="input_features", num_mel_bins=16, d_model=32, encoder_layers=2, encoder_attention_heads=4, encoder_ffn_dim=64, decoder_layers=1, decoder_attention_heads=4, decoder_ffn_dim=64, vocab_size=100, max_source_positions=20, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, suppress_tokens=[]),
    "yolo_v8n": yolo("yolov8n.yaml"),
    "yolo_11n": yolo("yolo11n.yaml"),
    "yolo_v5n": yolo("yolov5n.yaml"),
    "yolo_v8n_cls": yolo("yolov8n-cls.yaml"),
    "yolo_v8n_seg": yolo("yolov8n-seg.yaml"),
    "yolo_v8n_pose": yolo("yolov8n-pose.yaml"),
}


def make(folder, name, build):
    torch.manual_seed(11)
    net, inputs = build()
    if name == "hf_whisper_encoder":
        net.net = net.net.encoder
    net.eval()
    for module in net.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
            torch.nn.init.normal_(module.running_mean, 0, 0.1)
    arrays, described = [], []
    for key, shape, *rest in inputs:
        kind, top = rest or ("float32", None)
        array = values(name, shape, kind, top) if top != 1 else np.ones(shape, np.int64)
        arrays.append(torch.from_numpy(array))
        described.append({"name": key, "shape": list(shape), "seed": name, "kind": kind, "top": top})
    with torch.no_grad():
        outputs = net(*arrays)
    flat = [value for value in (outputs if isinstance(outputs, (tuple, list)) else [outputs]) if torch.is_tensor(value)]
    record(folder, name, described, [output.numpy() for output in flat])
    names = [key for key, *_ in inputs]
    for suffix, options in (("ts", dict(dynamo=False, opset_version=17)), ("dynamo", dict(dynamo=True))):
        path = os.path.join(folder, f"{name}.{suffix}.onnx")
        try:
            torch.onnx.export(net, tuple(arrays), path, input_names=names, verbose=False, **options)
        except Exception as error:  # noqa: BLE001
            print("FAILED", name, suffix, repr(error)[:200].replace("\n", " "), flush=True)


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, build in MODELS.items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        try:
            make(sys.argv[1], name, build)
            print("made", name, flush=True)
        except Exception as error:  # noqa: BLE001
            print("FAILED", name, repr(error)[:300].replace("\n", " "), flush=True)
