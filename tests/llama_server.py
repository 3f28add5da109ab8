"""llama.cpp's own server on loopback, with a tiny model that transformers loads as well."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gguf
import torch
import xllamacpp  # type: ignore[import-untyped]
from tokenizers import Tokenizer
from tokenizers.models import BPE
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizer

from tests.model_server import make_chatting

WHOLE = [("Ġ", letter) for letter in "ABCDE"]
"""A letter and the space before it are one token, as in most real vocabularies."""


def make_whole(folder: Path) -> Path:
    """A model with random weights, a chat template and a token for each answer."""
    make_chatting(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inner: Tokenizer = tokenizer.backend_tokenizer
    vocabulary = inner.get_vocab()
    for first, second in WHOLE:
        vocabulary[first + second] = len(vocabulary)
    inner.model = BPE(vocab=vocabulary, merges=WHOLE)
    tokenizer.save_pretrained(folder)
    network = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        network.resize_token_embeddings(len(vocabulary), mean_resizing=False)
        for table in (network.get_input_embeddings(), network.get_output_embeddings()):
            torch.nn.init.normal_(table.weight[-len(WHOLE) :], std=0.3)
    network.save_pretrained(folder)
    return folder


def write_gguf(folder: Path) -> Path:
    """Write a byte-level Llama as llama.cpp reads it."""
    network = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    config = network.config
    path = folder / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    add_words(writer, AutoTokenizer.from_pretrained(folder))
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    for name, weight in network.state_dict().items():
        number = next((heads[part] for part in heads if part in name), None)
        ordered = weight if number is None else pair_rotated(weight, number)
        writer.add_tensor(str(names.get_name(name, (".weight",))), ordered.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_words(writer: gguf.GGUFWriter, tokenizer: PreTrainedTokenizer) -> None:
    words = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    kinds = [gguf.TokenType.CONTROL] * 2 + [gguf.TokenType.NORMAL] * (len(words) - 2)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(words)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in WHOLE])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(value=True)
    writer.add_chat_template(tokenizer.chat_template)


def pair_rotated(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Put side by side the rows that llama.cpp rotates together; transformers has them apart."""
    halves = weight.reshape(heads, 2, -1, *weight.shape[1:])
    return halves.transpose(1, 2).reshape(weight.shape)


@contextmanager
def serve_llama(folder: Path, *, at_once: int = 4) -> Iterator[str]:
    """Serve the model of a folder on a free port; yields the address of its API."""
    given = xllamacpp.CommonParams()
    given.model.path = str(write_gguf(folder))
    given.port = 0
    given.n_parallel = at_once
    given.n_ctx = at_once * 2048
    given.n_gpu_layers = 0
    given.cpuparams.n_threads = 1
    given.use_jinja = True
    given.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    given.cache_type_k = given.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    server = xllamacpp.Server(given)
    yield f"{server.listening_address}/v1"
    del server
