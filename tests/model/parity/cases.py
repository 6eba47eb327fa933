"""What parity.py runs: for every family some shapes, each with two seeds, and the published models it covers."""

# Prompts of every case, packed into one batch: unequal, equal, a single token. Original rope lengths (64, 128) and sliding
# windows (8) of the miniatures are exceeded.
LENGTHS = [150, 1, 9, 40, 40]

# A shape: overrides of the miniature's config, then further arguments of make_tiny.py.
PLAIN = [
    ({}, []),
    (dict(num_hidden_layers=2, hidden_size=40, num_attention_heads=5, num_key_value_heads=1, head_dim=8), ["--dtype", "bfloat16"]),
    (dict(num_hidden_layers=3, intermediate_size=36), ["--config-style", "v5", "--dtype", "float16", "--shards", "3"]),
]


def rope(**scaling):
    return dict(rope_scaling=scaling, max_position_embeddings=64)


YARN = rope(rope_type="yarn", factor=4.0, original_max_position_embeddings=32)
DYNAMIC = rope(rope_type="dynamic", factor=3.0)
LINEAR = rope(rope_type="linear", factor=2.5)


def routed(experts, top_k, e_key="num_experts", k_key="num_experts_per_tok"):
    return {e_key: experts, k_key: top_k}


def deepseek(e, k, **more):
    return dict(n_routed_experts=e, num_experts_per_tok=k, **more)


# Miniatures that the reference scripts do not have are made of others.
MADE_OF = {
    "mistral": ("llama", dict(model_type="mistral", architectures=["MistralForCausalLM"], rope_scaling=None)),
    "ernie4_5_moe": ("llama", dict(model_type="ernie4_5_moe", architectures=["Ernie4_5_MoeForCausalLM"], rope_scaling=None,
                                   use_bias=False, moe_num_experts=12, moe_k=4, moe_intermediate_size=48,
                                   moe_num_shared_experts=2, moe_layer_start_index=1, moe_layer_end_index=-1,
                                   moe_layer_interval=1, tie_word_embeddings=True)),
    "dots1": ("glm4_moe", dict(model_type="dots1", architectures=["Dots1ForCausalLM"], partial_rotary_factor=1.0,
                               sliding_window=None, max_window_layers=4)),
    "glm4_moe_lite": ("deepseek_v3", dict(model_type="glm4_moe_lite", architectures=["Glm4MoeLiteForCausalLM"],
                                          rope_scaling=None, rms_norm_eps=1e-5)),
    "flex_olmo": ("olmoe", dict(model_type="flex_olmo", architectures=["FlexOlmoForCausalLM"])),
    "hunyuan_v1_moe": ("qwen3_moe", dict(model_type="hunyuan_v1_moe", architectures=["HunYuanMoEV1ForCausalLM"], moe_topk=4,
                                         norm_topk_prob=True)),
    "exaone_moe": ("glm4_moe", dict(model_type="exaone_moe", architectures=["ExaoneMoeForCausalLM"], num_experts=12,
                                    num_shared_experts=1, partial_rotary_factor=1.0, sliding_window=8,
                                    sliding_window_pattern=2)),
    "solar_open": ("glm4_moe", dict(model_type="solar_open", architectures=["SolarOpenForCausalLM"], partial_rotary_factor=1.0,
                                    first_k_dense_replace=0)),
    "granitemoeshared": ("granitemoe", dict(model_type="granitemoeshared", architectures=["GraniteMoeSharedForCausalLM"],
                                            shared_intermediate_size=40)),
    "deepseek_v32": ("deepseek_v3", dict(model_type="deepseek_v32", architectures=["DeepseekV32ForCausalLM"], index_topk=150,
                                         index_head_dim=24, index_n_heads=2)),
    "glm_moe_dsa": ("deepseek_v3", dict(model_type="glm_moe_dsa", architectures=["GlmMoeDsaForCausalLM"], rope_scaling=None,
                                        rms_norm_eps=1e-5, index_topk=150, index_head_dim=24, index_n_heads=2)),
}

# Which family's rule, with which names of its sizes, another one follows: the reference scripts know the first.
SAME_RULE = {"dots1": "deepseek_v3", "glm4_moe_lite": "deepseek_v3", "flex_olmo": "olmoe", "hunyuan_v1_moe": "qwen3_moe",
             "exaone_moe": "deepseek_v3", "solar_open": "deepseek_v3", "granitemoeshared": "granitemoe",
             "deepseek_v32": "deepseek_v3", "glm_moe_dsa": "deepseek_v3"}

# miniature of the reference scripts: (model_type, shapes)
FAMILIES = {
    "apollo": ("upcycling-qwen2-moe", [
        ({}, []), (routed(10, 3), ["--no-mlp-only-key"]), (routed(65, 8), ["--dtype", "float16", "--shards", "3"])]),
    "apollo_shared": ("upcycling-qwen2-moe", [({}, []), (routed(4, 4), []), (dict(num_hidden_layers=3), ["--dtype", "bfloat16"])]),
    "qwen2": ("qwen2", PLAIN + [(YARN, []), (dict(use_sliding_window=True, sliding_window=8, max_window_layers=2), [])]),
    "qwen2_moe": ("qwen2_moe", [
        ({}, []), (dict(norm_topk_prob=True, **routed(65, 8)), ["--config-style", "v5"]),
        (dict(num_hidden_layers=3, mlp_only_layers=[1], **routed(12, 1)), ["--dtype", "bfloat16", "--shards", "2"])]),
    "olmoe": ("olmoe", [({}, []), (routed(10, 1), ["--config-style", "v5"]), (routed(7, 7), ["--dtype", "float16"])]),
    "olmoe_clip": ("olmoe", [({}, []), (routed(65, 8), []), (dict(norm_topk_prob=True), ["--dtype", "bfloat16"])]),
    "qwen3_moe": ("qwen3_moe", [
        ({}, []), (dict(norm_topk_prob=False, **routed(65, 8)), ["--config-style", "v5"]),
        (dict(mlp_only_layers=[0], decoder_sparse_step=1, **routed(6, 6)), ["--dtype", "bfloat16", "--shards", "2"]),
        (dict(use_sliding_window=True, sliding_window=8, attention_bias=True), []), (YARN, ["--dtype", "float16"])]),
    "mixtral": ("mixtral", [
        ({}, []), (dict(sliding_window=8, **routed(3, 3, "num_local_experts")), ["--config-style", "v5"]),
        (dict(num_hidden_layers=2, hidden_size=48, num_attention_heads=6, **routed(33, 5, "num_local_experts")),
         ["--dtype", "bfloat16", "--shards", "2"])]),
    "llama": ("llama", PLAIN + [(dict(attention_bias=True, mlp_bias=True, tie_word_embeddings=False), []),
                                (LINEAR, []), (DYNAMIC, []), (YARN, ["--config-style", "v5"])]),
    "qwen3": ("qwen3", PLAIN + [(dict(use_sliding_window=True, sliding_window=8, max_window_layers=1), [])]),
    "mistral": ("mistral", PLAIN + [(dict(sliding_window=8), []), (dict(sliding_window=None, head_dim=24), [])]),
    "granitemoe": ("granitemoe", [
        ({}, []), (routed(65, 8, "num_local_experts"), ["--config-style", "v5", "--dtype", "bfloat16"]),
        (dict(num_hidden_layers=2, hidden_size=40, num_attention_heads=5, num_key_value_heads=1, attention_bias=True,
              **routed(3, 3, "num_local_experts")), ["--dtype", "float16", "--shards", "2"])]),
    "phimoe": ("phimoe", [
        ({}, []), (dict(num_local_experts=33, sliding_window=8, router_jitter_noise=0.2), ["--dtype", "bfloat16"]),
        (dict(num_hidden_layers=2, hidden_size=40, num_attention_heads=5, num_key_value_heads=1, num_local_experts=2,
              attention_bias=False), ["--config-style", "v5", "--shards", "2"])]),
    "deepseek_v2": ("deepseek_v2", [
        ({}, []), (deepseek(33, 5, n_shared_experts=1), ["--config-style", "v5", "--dtype", "bfloat16"]),
        (deepseek(4, 4, routed_scaling_factor=3.0, first_k_dense_replace=2, rope_scaling=None, v_head_dim=24),
         ["--dtype", "float16", "--shards", "2"])]),
    "deepseek_v2_group": ("deepseek_v2", [
        ({}, []), (deepseek(40, 7, n_group=8, topk_group=3), ["--dtype", "bfloat16"]),
        (deepseek(6, 1, n_group=3, topk_group=1, attention_bias=True), ["--config-style", "v5", "--shards", "2"])]),
    "deepseek_v3": ("deepseek_v3", [
        ({}, []), (deepseek(40, 7, n_group=8, topk_group=3, n_shared_experts=3), ["--config-style", "v5", "--dtype", "bfloat16"]),
        (deepseek(12, 6, n_group=1, topk_group=1, norm_topk_prob=False, q_lora_rank=None, rope_scaling=None, v_head_dim=24),
         ["--dtype", "float16", "--shards", "2"]),
        (dict(rope_interleave=False, attention_bias=True), [])]),
    "glm4_moe": ("glm4_moe", [
        ({}, []), (deepseek(40, 7, n_group=4, topk_group=2, use_qk_norm=False), ["--config-style", "v5", "--dtype", "bfloat16"]),
        (deepseek(5, 5, num_hidden_layers=3, partial_rotary_factor=0.25, norm_topk_prob=False), ["--dtype", "float16", "--shards", "2"])]),
    "minimax_m2": ("minimax_m2", [
        ({}, []), (routed(33, 5, "num_local_experts"), ["--dtype", "bfloat16"]),
        (dict(num_hidden_layers=2, **routed(6, 6, "num_local_experts")), ["--config-style", "v5", "--shards", "2"])]),
    "gpt_oss": ("gpt_oss", [
        ({}, []), (routed(33, 5, "num_local_experts"), ["--config-style", "v5", "--dtype", "bfloat16"]),
        (dict(num_hidden_layers=2, sliding_window=5, attention_bias=False, swiglu_limit=0.5, **routed(3, 3, "num_local_experts")),
         ["--dtype", "float16", "--shards", "2"]),
        ({}, ["--mxfp4"])]),
    "qwen3_next": ("qwen3_next", [
        ({}, []), (dict(linear_num_value_heads=6, linear_value_head_dim=8, linear_conv_kernel_dim=3, **routed(33, 5)),
                   ["--dtype", "bfloat16"]),
        (dict(num_hidden_layers=4, hidden_size=40, num_attention_heads=5, num_key_value_heads=1, mlp_only_layers=[0],
              full_attention_interval=2, norm_topk_prob=False, **routed(3, 3)), ["--config-style", "v5", "--shards", "2"])]),
    "qwen3_5_moe": ("qwen3_5_moe_text", [
        ({}, []), (dict(linear_num_value_heads=6, linear_value_head_dim=8, **routed(33, 5)), ["--dtype", "bfloat16"]),
        (dict(num_hidden_layers=4, hidden_size=40, num_attention_heads=5, num_key_value_heads=1,
              full_attention_interval=2, **routed(3, 3)), ["--config-style", "v5", "--shards", "2"])]),
    "llama4": ("llama4_text", [
        ({}, []), (dict(num_local_experts=5, num_experts_per_tok=3, use_qk_norm=False, interleave_moe_layer_step=2),
                   ["--dtype", "bfloat16"]),
        (dict(num_hidden_layers=3, hidden_size=40, num_attention_heads=5, num_key_value_heads=1, head_dim=8,
              attention_chunk_size=5, no_rope_layer_interval=2, attn_temperature_tuning=False, attention_bias=True,
              num_local_experts=3), ["--config-style", "v5", "--shards", "2"])]),
    "ernie4_5_moe": ("ernie4_5_moe", [
        ({}, []), (dict(moe_num_experts=33, moe_k=5, moe_num_shared_experts=1, moe_layer_start_index=0), ["--dtype", "bfloat16"]),
        (dict(num_hidden_layers=4, moe_num_experts=3, moe_k=3, moe_layer_interval=2, moe_layer_end_index=2, use_bias=True,
              tie_word_embeddings=False), ["--config-style", "v5", "--shards", "2"])]),
    "dots1": ("dots1", [
        ({}, []), (deepseek(40, 7, n_group=4, topk_group=2, attention_bias=False), ["--dtype", "bfloat16"]),
        (deepseek(5, 5, num_hidden_layers=3, sliding_window=8, max_window_layers=1, norm_topk_prob=False),
         ["--config-style", "v5", "--shards", "2"])]),
    "glm4_moe_lite": ("glm4_moe_lite", [
        ({}, []), (deepseek(40, 7, n_group=1, topk_group=1), ["--dtype", "bfloat16"])]),
    "flex_olmo": ("flex_olmo", [({}, []), (routed(33, 5), ["--dtype", "bfloat16"]),
                                (dict(norm_topk_prob=True, attention_bias=True, **routed(3, 3)), ["--config-style", "v5"])]),
    "hunyuan_v1_moe": ("hunyuan_v1_moe", [
        ({}, []), (dict(rope_scaling=dict(type="dynamic", alpha=20.0, factor=1.0), attention_bias=True), ["--dtype", "bfloat16"]),
        (dict(num_experts=33, num_experts_per_tok=5, moe_topk=5), ["--shards", "2"])]),
    "exaone_moe": ("exaone_moe", [
        ({}, []), (dict(num_experts=33, n_routed_experts=33, sliding_window=5, sliding_window_pattern=3), ["--dtype", "bfloat16"])]),
    "solar_open": ("solar_open", [({}, []), (deepseek(33, 5, n_shared_experts=2), ["--config-style", "v5", "--dtype", "bfloat16"])]),
    "granitemoeshared": ("granitemoeshared", [
        ({}, []), (routed(33, 5, "num_local_experts"), ["--config-style", "v5", "--dtype", "bfloat16"])]),
    "deepseek_v32": ("deepseek_v32", [({}, []), (deepseek(40, 7, n_group=8, topk_group=3), ["--dtype", "bfloat16"])]),
    "glm_moe_dsa": ("glm_moe_dsa", [
        ({}, []), (deepseek(40, 7, n_group=1, topk_group=1), ["--config-style", "v5", "--dtype", "bfloat16"])]),
    "gemma": ("gemma", PLAIN),
    "gemma2": ("gemma2", PLAIN + [(dict(attn_logit_softcapping=3.0, final_logit_softcapping=2.0, sliding_window=5), []),
                                  (dict(attn_logit_softcapping=None, final_logit_softcapping=None), [])]),
    "phi": ("phi", PLAIN + [(dict(partial_rotary_factor=0.25, qk_layernorm=True), [])]),
}

PUBLISHED = {
    "upcycling-qwen2-moe": "Apollo-MoE 0.5B, 1.5B, 7B",
    "qwen2": "Qwen2 and Qwen2.5",
    "qwen2_moe": "Qwen1.5-MoE-A2.7B, Qwen2-57B-A14B",
    "olmoe": "OLMoE-1B-7B",
    "qwen3_moe": "Qwen3-30B-A3B, Qwen3-235B-A22B, Qwen3-Coder",
    "mixtral": "Mixtral 8x7B, 8x22B and what was tuned from them",
    "llama": "Llama 1 to 3.3, MMed-Llama-3, OpenBioLLM, TinyLlama",
    "qwen3": "Qwen3 0.6B to 32B",
    "mistral": "Mistral 7B v0.1 to v0.3, BioMistral, Mistral-Small",
    "granitemoe": "Granite 3.0 and 3.1 1B-A400M, 3B-A800M",
    "phimoe": "Phi-3.5-MoE",
    "deepseek_v2": "DeepSeek-V2, V2.5, V2-Lite, Coder-V2",
    "deepseek_v3": "DeepSeek-V3, V3.1, R1, Moonlight, Kimi-K2 (as kimi_k2), stored in bf16",
    "glm4_moe": "GLM-4.5, GLM-4.5-Air, GLM-4.6",
    "minimax_m2": "MiniMax-M2, stored in bf16",
    "gpt_oss": "gpt-oss-20b, gpt-oss-120b (MXFP4 as published, or bf16)",
    "qwen3_next": "Qwen3-Next-80B-A3B",
    "qwen3_5_moe_text": "Qwen3.5-35B-A3B and larger (as qwen3_5_moe)",
    "llama4_text": "Llama 4 Scout and Maverick (as llama4), text",
    "ernie4_5_moe": "ERNIE 4.5 21B-A3B, 300B-A47B",
    "dots1": "dots.llm1",
    "glm4_moe_lite": "GLM-4.7-Flash",
    "flex_olmo": "FlexOlmo-7x7B",
    "hunyuan_v1_moe": "Hunyuan-A13B",
    "exaone_moe": "K-EXAONE-236B-A23B",
    "solar_open": "Solar-Open-100B",
    "granitemoeshared": "Granite MoE models with a shared expert",
    "deepseek_v32": "DeepSeek-V3.2, prompts up to `index_topk`",
    "glm_moe_dsa": "GLM-5, prompts up to `index_topk`",
    "gemma": "Gemma 2B and 7B",
    "gemma2": "Gemma 2 2B, 9B, 27B",
    "phi": "Phi-1, Phi-1.5, Phi-2, JSL-MedPhi2",
}
