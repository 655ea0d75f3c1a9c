"""What was measured of each model on each card, and the few figures derived from that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.korea.sources import DOMAIN, mlperf

Batches = tuple[tuple[int, int], ...]

_VSS = "docs.nvidia.com/vss/latest/performance-rt-cv.html (VSS 3.1; GPU order inferred)"
_GROOT = "NVIDIA/Isaac-GR00T getting_started/hardware_recommendation.md @ea93829e"
_PROFILES = f"workload_profiles.csv, {DOMAIN}"
_ONE_ANSWER = (
    "rule: 8.03 billion weights of 2 bytes (15.0 GiB), keys and values of one context of 8,192 tokens at 128 KiB each "
    "(1 GiB), and 4 GiB for the runtime"
)


@dataclass(frozen=True)
class Measured:
    """Speed of one model on one card: `batches` as in :class:`solver.facts.catalogue.Profile`, with where it comes from."""

    model: str
    name: str
    accelerator: str | None
    runtime: str
    batches: Batches
    memory_mib: int
    basis: str
    source: str
    memory_basis: str = "estimated"
    memory_source: str = _PROFILES
    slice_permille: int = 1000
    vcpu_milli: int = 0
    host_memory_mib: int = 0
    note: str = ""


def measured() -> Iterator[Measured]:
    """Every profile of the catalogue, model by model."""
    yield from _control()
    yield from _policies()
    yield from _video()
    yield from _detection()
    yield from _classification()
    yield from _language()
    yield from _estimates()


def slice_of(batches: Batches, permille: int) -> Batches:
    """The curve on a slice of a card: a share of its units and bandwidth takes at most 1/share times as long."""
    return tuple((size, -(-time * 1000 // permille)) for size, time in batches)


def line_through(first: int, size: int, last: int, steps: tuple[int, ...]) -> Batches:
    """A curve from `first` microseconds for one to `last` for `size`, straight in between, at the sizes `steps`."""
    inner = ((step, first + (last - first) * (step - 1) // (size - 1)) for step in steps)
    return ((1, first), *inner, (size, last))


def _control() -> Iterator[Measured]:
    """Loops that need no accelerator: one server is one vCPU."""
    for model, name, time_us, source in (
        ("plc-cycle", "PLC control cycle", 100, "one control cycle of 0.1 ms; design value"),
        ("amr-fleet-controller", "AMR fleet controller", 5_000, f"ref_infer_ms of amr-control, {_PROFILES}"),
        ("crane-desk", "Crane remote desk loop", 2_000, f"ref_infer_ms of crane-remote, {_PROFILES}"),
        ("haptic-loop", "Haptic control loop", 1_000, f"ref_infer_ms of remote-robot-haptic, {_PROFILES}"),
    ):
        yield Measured(
            model, name, None, "host", ((1, time_us),), 0, "estimated", source,
            vcpu_milli=1_000, host_memory_mib=512,
        )  # fmt: skip


def _policies() -> Iterator[Measured]:
    """Vision-language-action policies. Batch curves are not published, so one request runs at a time."""
    groot = (
        ("h100-sxm", 35.9, "H100", "published"),
        ("rtx-pro-6000-bse", 35.9, "RTX PRO 6000", "published"),
        ("l40s", 26.0, "L40, taken for the L40S (same chip and bandwidth)", "estimated"),
        ("jetson-thor-t5000", 12.4, "Jetson Thor", "published"),
        ("dgx-spark", 10.1, "DGX Spark", "published"),
        ("jetson-agx-orin-64", 6.6, "Jetson Orin", "published"),
    )
    for card, rate_hz, what, basis in groot:
        yield Measured(
            "gr00t-n1.7-3b", "GR00T N1.7 3B", card, "TensorRT, 4 steps, 1 view", ((1, _period_us(rate_hz)),), 16 * 1024,
            basis, f"{_GROOT}: {rate_hz} Hz on {what}", "published", f"{_GROOT}: 16 GB+",
        )  # fmt: skip
    for card, time_us, what in (
        ("jetson-thor-t5000", 41_160, "Thor FP8 P50 41.16 ms"),
        ("jetson-agx-orin-64", 165_670, "Orin BF16 P50 165.67 ms"),
        ("rtx-4090", 25_990, "RTX 4090 INT8 25.99 ms"),
    ):
        yield Measured(
            "pi0.5", "pi0.5", card, "ApxInf v0.1", ((1, time_us),), 14 * 1024, "published",
            f"infinigence/ApxInf v0.1: {what}", "published", "about 14 GB, secondary copy on GitHub; openpi says >8 GB",
        )  # fmt: skip
    yield Measured(
        "pi0-3view", "pi0, three views", "rtx-4090", "realtime-vla (Triton)", ((1, 36_800),), 14 * 1024, "published",
        "arXiv 2510.26742, Dexmal/realtime-vla: 36.8 ms", "published", "about 14 GB, secondary copy on GitHub",
        note="a card whose licence forbids data-centre use; no node holds one",
    )  # fmt: skip
    openvla = "OpenVLA-7B is bound by memory bandwidth: Orin's 540.8 ms at 204.8 GB/s scaled by "
    yield Measured(
        "openvla-7b", "OpenVLA-7B bf16", "jetson-agx-orin-64", "bf16", ((1, 546_700),), 15 * 1024, "published",
        "P95 546.7 ms, secondary copy on GitHub (2026-09-03)", "published", "15 GB, secondary copy on GitHub",
    )  # fmt: skip
    for card, bandwidth, floor_us in (
        ("jetson-thor-t5000", 273, 0), ("l40s", 864, 0), ("rtx-pro-6000-bse", 1597, 0),
    ):  # fmt: skip
        scaled = max(floor_us, round(540_800 * 204.8 / bandwidth * 1.2))
        yield Measured(
            "openvla-7b", "OpenVLA-7B bf16", card, "bf16", ((1, scaled),), 15 * 1024, "estimated",
            f"{openvla}{bandwidth} GB/s, plus 20 %", "published", "15 GB, secondary copy on GitHub",
        )  # fmt: skip


def _video() -> Iterator[Measured]:
    """RT-DETR-R50 at 1080p30: the published number of streams is read as one batch of a frame of each every 33.3 ms."""
    limits = (
        # card, streams used, first frame alone, what was published
        ("l40s", 15, 9_700, "15 streams at 66 ms mean, two frame intervals: no backlog"),
        ("rtx-pro-6000-bse", 23, 7_600, "29 streams at 197 ms mean: a throughput-maximising point, so a fifth is taken off"),
        ("h100-sxm", 40, 6_900, "50 streams at 408 ms mean: a throughput-maximising point, so a fifth is taken off"),
        ("dgx-spark", 4, 14_700, "5 streams, latency not published, so a fifth is taken off"),
    )
    for card, streams, alone_us, what in limits:
        source = f"{_VSS}: {what}; batch of {streams} in one frame interval; first frame alone estimated, straight between"
        inner = tuple(step for step in (2, 4, 8, 16, 24, 32) if step < streams)
        single = line_through(alone_us, streams, 33_333, inner)
        yield _rt_detr("rt-detr-r50", "RT-DETR-R50 and tracker", card, single, 3, "computed", source)
        # Stereo depth doubles the work of a frame: 15 units at 15 Hz and 65.6 ms on an L40S, as the profile table has it.
        stereo = tuple((size, 2 * time) for size, time in single)
        doubled = f"{source}; doubled for stereo depth"
        yield _rt_detr("rt-detr-stereo", "RT-DETR-R50 and stereo depth", card, stereo, 4, "computed", doubled)
        crane = 15 * 33_333 // streams
        whole = f"15 frames of one crane at the batch rate of: {source}"
        yield _rt_detr("crane-vision", "Crane cameras: detector and OCR", card, ((1, crane),), 8, "computed", whole)
        if card in ("rtx-pro-6000-bse", "h100-sxm"):
            half = slice_of(single, 500)
            bounded = f"{source}; half a card takes at most twice as long"
            yield _rt_detr("rt-detr-r50", "RT-DETR-R50 and tracker", card, half, 3, "computed", bounded, 500)
    l4 = line_through(20_000, 4, 33_333, (2,))
    ratio = f"{_VSS}: L40S, divided by its 3.6 times faster RetinaNet (MLPerf v5.1)"
    yield _rt_detr("rt-detr-r50", "RT-DETR-R50 and tracker", "l4", l4, 3, "estimated", ratio)
    yield _rt_detr(
        "rt-detr-stereo", "RT-DETR-R50 and stereo depth", "l4", tuple((b, 2 * t) for b, t in l4), 4, "estimated", ratio
    )


def _rt_detr(
    model: str, name: str, card: str, batches: Batches, memory_gb: int, basis: str, source: str, permille: int = 1000
) -> Measured:
    return Measured(
        model, name, card, "DeepStream, TensorRT FP16", batches, memory_gb * 1024, basis, source, slice_permille=permille
    )


def _detection() -> Iterator[Measured]:
    """RetinaNet: one image alone (single stream, p90) and eight at once (multi stream, p99), of MLPerf where it has them."""
    for card, listed in (
        ("l4", "L4"), ("rtx-2000e-ada", "RTX-2000E-Ada-16GB"), ("jetson-agx-orin-64", "Jetson AGX Orin"),
    ):  # fmt: skip
        batches, source = _one_and_eight(listed, "retinanet")
        yield _retinanet(card, batches, "published", source)
    # The H100-PCIe's single stream is an upper bound for the faster SXM card. Nobody published one for the L40S: its time is
    # that of the H100-PCIe, longer by the ratio of their offline rates.
    alone, first = mlperf("H100-PCIe-80GB", "retinanet", "SingleStream", "latency_p90_reported")
    pcie, of_pcie = mlperf("H100-PCIe-80GB", "retinanet", "Offline", "throughput_offline")
    sxm, of_sxm = mlperf("H100-SXM-80GB", "retinanet", "Offline", "throughput_offline")
    l40s, of_l40s = 815.0, "RetinaNet 815/s offline, 763/s server at p99 12.5 ms, MLPerf v5.1 (Cisco C845A_L40Sx8)"
    single = f"the H100-PCIe's single stream of {alone:.2f} ms ({first})"
    yield _retinanet(
        "h100-sxm", ((1, round(alone * 1000)), (8, round(8_000_000 / sxm))), "computed",
        f"batch of 8 from the offline rate: {of_sxm}; one alone no slower than {single}",
    )  # fmt: skip
    yield _retinanet(
        "l40s", ((1, round(alone * 1000 * pcie / l40s)), (8, round(8_000_000 / l40s))), "computed",
        f"batch of 8 from the offline rate: {of_l40s}; one alone scaled, not measured: {single}, "
        f"times {pcie:.0f}/{l40s:.0f}, the ratio of the offline rates ({of_pcie})",
    )  # fmt: skip


def _retinanet(card: str, batches: Batches, basis: str, source: str) -> Measured:
    return Measured("retinanet", "RetinaNet part inspection", card, "TensorRT INT8", batches, 4 * 1024, basis, source)


def _classification() -> Iterator[Measured]:
    """ResNet-50 stands for the small network that watches vibration and heat."""
    cards = (
        ("l4", "L4"), ("rtx-2000e-ada", "RTX-2000E-Ada-16GB"), ("jetson-agx-orin-64", "Jetson AGX Orin"),
        ("atom", "RBLN ATOM"),
    )  # fmt: skip
    for card, listed in cards:
        batches, source = _one_and_eight(listed, "resnet50")
        runtime = "RBLN" if card == "atom" else "TensorRT INT8"
        yield Measured("resnet50", "Condition monitoring (ResNet-50)", card, runtime, batches, 1024, "published", source)
    host = "CPU:AMD Ryzen 9 7950X 16-Core Processor"
    alone, where = mlperf(host, "resnet50", "SingleStream", "latency_p90_reported")
    yield Measured(
        "resnet50", "Condition monitoring (ResNet-50)", None, "onnxruntime", ((1, round(alone * 1000)),), 0, "published",
        f"16 cores, {where}", vcpu_milli=16_000, host_memory_mib=4_096,
    )  # fmt: skip


def _one_and_eight(listed: str, model: str) -> tuple[Batches, str]:
    alone, first = mlperf(listed, model, "SingleStream", "latency_p90_reported")
    eight, second = mlperf(listed, model, "MultiStream", "latency_p99_reported")
    return ((1, round(alone * 1000)), (8, round(eight * 1000))), f"{first}; {second}"


def _language() -> Iterator[Measured]:
    """Llama-3.1-8B answering 64 tokens: the batch time is the one that the published token rate implies."""
    tokens = 64
    rates = (
        ("rtx-pro-6000-bse", 4507, 400_000, "4,507 tok/s interactive for each GPU, MLPerf v5.1 (HPE RTX_PRO_6000x8)"),
        ("h100-sxm", 5104, 260_000, mlperf("H100-SXM-80GB", "llama3.1-8b", "Server", "throughput_server_tokens")[1]),
        ("l40s", 1207, 640_000, mlperf("L40S", "llama3.1-8b", "Server", "throughput_server_tokens")[1]),
        ("rngd", 3935, 420_000, "3,935 tok/s on one card, b-lab.team RNGD page 2025-04-20 (vendor)"),
    )
    for card, per_second, alone_us, source in rates:
        size = next(b for b in (64, 48, 32, 16) if b * tokens / per_second < 1.5)
        batches = line_through(alone_us, size, round(size * tokens / per_second * 1_000_000), (size // 4, size // 2))
        what = f"{tokens} tokens an answer at {source}; one alone from the card's memory bandwidth, estimated"
        for permille in (1000, 250) if card == "rtx-pro-6000-bse" else (1000,):
            memory_gb, memory_source = 24, _PROFILES
            if permille < 1000:
                # A slice of 24 GB leaves less than that; one answer at a time needs less, too.
                batches, memory_gb, memory_source = ((1, 4 * alone_us),), 20, _ONE_ANSWER
            yield Measured(
                "llama-3.1-8b", "Llama-3.1-8B, 64 tokens", card, "vLLM" if card != "rngd" else "Furiosa LLM",
                batches, memory_gb * 1024, "computed", what, memory_source=memory_source, slice_permille=permille,
            )  # fmt: skip
    yield Measured(
        "llama-3.1-8b", "Llama-3.1-8B, 64 tokens", "jetson-thor-t5000", "TensorRT", ((1, 2_822_440),), 24 * 1024, "computed",
        "p99 TTFT 1.417 s + 64 x p99 TPOT 21.96 ms, MLPerf v5.1 open (Jetson-Thor_TRT)",
    )  # fmt: skip


def _estimates() -> Iterator[Measured]:
    """Classes for which only a reference time and a number of units for each accelerator were written down."""
    rows = (
        # model, name, card, slice, memory GB, curve, how
        ("vlm-s2", "Humanoid VLM 7-13B", "h100-sxm", 1000, 40, ((1, 90_000), (4, 130_000)), "6 units at 5 Hz"),
        ("vlm-s2", "Humanoid VLM 7-13B", "rtx-pro-6000-bse", 1000, 40, ((1, 120_000), (4, 150_000)), "120 ms"),
        ("vlm-s2", "Humanoid VLM 7-13B", "b200-sxm", 1000, 40, ((1, 90_000), (4, 130_000)), "no faster than H100"),
        ("cosmos-reason2-8b", "Cosmos Reason 2 8B", "h100-sxm", 1000, 24, ((1, 1_900_000), (3, 3_000_000)), "8 units"),
        ("cosmos-reason2-8b", "Cosmos Reason 2 8B", "h100-sxm", 500, 24, ((1, 3_800_000),), "half of the above"),
        ("cosmos-reason2-8b", "Cosmos Reason 2 8B", "b200-sxm", 500, 24, ((1, 3_800_000),), "no faster than H100"),
        ("cosmos-reason2-8b", "Cosmos Reason 2 8B", "rtx-pro-6000-bse", 1000, 24, ((1, 3_600_000),), "by bandwidth"),
        ("twin-sync", "Digital-twin step", "rtx-pro-6000-bse", 1000, 24, ((1, 32_000), (2, 50_000)), "50 ms, 4 units"),
        ("twin-sync", "Digital-twin step", "rtx-pro-6000-bse", 500, 24, ((1, 64_000),), "half of the above"),
        ("twin-sync", "Digital-twin step", "l40s", 1000, 24, ((1, 60_000),), "by bandwidth, 1597:864"),
        ("teleop-assist", "Truck perception and path", "l40s", 1000, 6, ((1, 12_000), (6, 30_000)), "30 ms, 4 units"),
        ("teleop-assist", "Truck perception and path", "rtx-pro-6000-bse", 1000, 6, ((1, 12_000), (6, 30_000)), "as L40S"),
        ("teleop-assist", "Truck perception and path", "rtx-pro-6000-bse", 500, 6, ((1, 24_000), (6, 60_000)), "half"),
        ("fab-segmenter", "Wafer segmenter", "rtx-pro-6000-bse", 1000, 16, ((1, 90_000), (2, 150_000)), "150 ms, 20 units"),
        ("fab-segmenter", "Wafer segmenter", "l40s", 1000, 16, ((1, 170_000), (2, 280_000)), "by bandwidth, 1597:864"),
        ("av-label", "Driving-clip labelling", "h100-sxm", 1000, 70, ((1, 12_000_000),), "author estimate"),
        ("av-label", "Driving-clip labelling", "b200-sxm", 1000, 70, ((1, 6_000_000),), "twice an H100, by bandwidth"),
        ("vla-81b", "81B VLA", "gb200", 1000, 120, ((1, 140_000),), "9.6 Hz roofline on B100 (arXiv 2602.18397) at 75 %"),
    )  # fmt: skip
    for model, name, card, permille, memory_gb, batches, how in rows:
        yield Measured(
            model, name, card, "estimate", batches, memory_gb * 1024, "estimated",
            f"{_PROFILES} (reference time and units for each accelerator): {how}", slice_permille=permille,
        )  # fmt: skip


def _period_us(rate_hz: float) -> int:
    return -(-1_000_000 * 10 // round(rate_hz * 10))
