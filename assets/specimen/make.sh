#!/bin/sh
# Makes the specimen and its siblings: a tokenizer, a dense model, its upcycled Mixture-of-Experts model,
# that trained in two ways, a dense model of the same active size, and one with experts for families of
# languages. Run again it goes on where it was stopped; the same texts, steps and number of threads give
# the same bits.
#
#     assets/specimen/make.sh TEXTS [WORK]
#
# TEXTS  folder with sib200/, udhr/, tatoeba/ and tico19/ as their publishers hand them out
# WORK   folder for everything in between (default: build/specimen)
#
# ALLUVIUM     the program (default: the launcher at the root of the repository)
# THREADS      CPU threads (1: the committed specimen)
# DENSE_STEPS  4,096 tokens each (1000)
# MOE_STEPS    (1000)
# SWEEP_STEPS  (200)
# FAMILY_STEPS (700)
#
# The specimen goes to assets/specimen, captures of it and its siblings to captures/examples.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
texts=$(cd "${1:?usage: make.sh TEXTS [WORK]}" && pwd)
work=${2:-$root/build/specimen}
alluvium=${ALLUVIUM:-$root/alluvium}
threads=${THREADS:-1}
dense_steps=${DENSE_STEPS:-1000}
moe_steps=${MOE_STEPS:-1000}
sweep_steps=${SWEEP_STEPS:-200}
family_steps=${FAMILY_STEPS:-700}
majors=ar,de,en,es,fr,hi,it,ja,ko,pt,ru,zh

mkdir -p "$work"
cd "$work"

say() { printf '\n== %s\n' "$*"; }

# ---- texts -----------------------------------------------------------------------------------------
corpus() {  # corpus NAME [LANGUAGES]
    [ -e "$1.tsv" ] || "$alluvium" prompts --from "$1" "$texts/$1" -o "$1.tsv" ${2:+--languages "$2"}
}
split() {  # split SPLIT: the rows of sib200.tsv whose column "split" says so
    [ -e "sib200-$1.tsv" ] || awk -F'\t' -v wanted="$1" '
        NR == 1 { for (i = 1; i <= NF; i++) if ($i == "split") column = i }
        NR == 1 || $column == wanted' sib200.tsv > "sib200-$1.tsv"
}
say "texts"
corpus sib200 $majors
corpus udhr $majors
corpus tatoeba $majors
corpus tico19 ar,en,es,fr,hi,pt,ru,zh
tagged() {  # the topic of a sentence behind it, so that a model can learn to name topics
    [ -e "sib200-$1-tagged.tsv" ] || awk -F'\t' -v OFS='\t' '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
        NR > 1 { $column["text"] = $column["text"] "\\nTopic: " $column["domain"] }
        { print }' "sib200-$1.tsv" > "sib200-$1-tagged.tsv"
}
split train
split dev
tagged train
training="sib200-train-tagged.tsv udhr.tsv tatoeba.tsv tico19.tsv"

# ---- tokenizer and the shape of the model ----------------------------------------------------------
say "tokenizer"
[ -e description/tokenizer.json ] ||
    "$alluvium" train-tokenizer --text sib200-train.tsv udhr.tsv tatoeba.tsv tico19.tsv -o description --vocab 8192
cat > description/config.json <<'EOF'
{
 "architectures": ["Qwen2ForCausalLM"],
 "model_type": "qwen2",
 "hidden_act": "silu",
 "hidden_size": 192,
 "intermediate_size": 256,
 "num_hidden_layers": 8,
 "num_attention_heads": 6,
 "num_key_value_heads": 2,
 "max_position_embeddings": 2048,
 "rms_norm_eps": 1e-06,
 "rope_theta": 10000.0,
 "initializer_range": 0.02,
 "tie_word_embeddings": true,
 "torch_dtype": "bfloat16",
 "vocab_size": 8192,
 "eos_token_id": 8191
}
EOF

# ---- training --------------------------------------------------------------------------------------
train() {  # train FROM OUT STEPS OPTIONS...
    from=$1 out=$2 steps=$3
    shift 3
    resume=
    [ ! -e "$out/training.state" ] || resume=--resume
    "$alluvium" train "$from" --text $training --validation sib200-dev.tsv -o "$out" --steps "$steps" \
        --sequences 16 --sequence 256 --warmup 50 --threads "$threads" --validate-every 200 \
        --save-every 100 "$@" $resume
}
say "dense model, $dense_steps steps"
train description dense "$dense_steps" --from-scratch --routing dense --lr 2e-3

say "upcycling"
[ -e moe/config.json ] ||
    "$alluvium" upcycle dense -o moe --experts 12 --top-k 2 --experts-by language --renormalise

for routing in hybrid-k top-k; do
    say "$routing, $moe_steps steps"
    train moe "$routing" "$moe_steps" --routing "$routing" --lr 1e-3 --snapshot-every 250
done

say "dense of the same active size, $moe_steps steps"
[ -e wide/config.json ] ||
    "$alluvium" upcycle dense -o wide --experts 12 --top-k 2 --dense-width active
train wide same-active "$moe_steps" --routing dense --lr 1e-3

# ---- experiments on the dense model, at a fifth of the budget ------------------------------------
say "experts in the last layers only, and routing strategies"
sweep() {  # sweep OUT OPTIONS...
    out=$1
    shift
    "$alluvium" sweep dense --text $training --validation sib200-dev.tsv --topics sib200-dev.tsv -o "$out" \
        --steps "$sweep_steps" --lr 1e-3 --warmup 20 --threads "$threads" "$@"
}
sweep last --last 0,1,2,3,4 --strategies dense,top-k,hybrid-k
say "the other strategies, and what is learnt from which texts"
sweep more --strategies same-active,same-total,lang-spec --learn-from only:en,without:medical

# ---- a sibling for all languages that the texts have, one expert per family ------------------------
families() {  # families FROM OUT OPTIONS...
    from=$1 out=$2
    shift 2
    resume=
    [ ! -e "$out/training.state" ] || resume=--resume
    "$alluvium" train "$from" --text sib200-train.tsv udhr.tsv tatoeba.tsv tico19.tsv \
        --validation sib200-dev.tsv -o "$out" --steps "$family_steps" --sequences 16 --sequence 256 \
        --warmup 50 --threads "$threads" --validate-every 350 --save-every 100 "$@" $resume
}
say "7 families, 49 languages: $family_steps steps each for the dense model and the experts"
mkdir -p families/description
cp description/config.json families/description/
cd families
for name in sib200 udhr tatoeba tico19; do corpus $name; done
split train
split dev
[ -e description/tokenizer.json ] ||
    "$alluvium" train-tokenizer --text sib200-train.tsv udhr.tsv tatoeba.tsv tico19.tsv -o description --vocab 8192
families description dense --from-scratch --routing dense --lr 2e-3
[ -e moe/config.json ] ||
    "$alluvium" upcycle dense -o moe --experts 7 --top-k 2 --experts-by family --renormalise
families moe specimen-families --routing hybrid-k --lr 1e-3
cd ..

# ---- what they do ----------------------------------------------------------------------------------
# The project's own prompts, 24 in each of 12 languages, beside four routers that learned nothing.
say "captures"
cp hybrid-k/config.json hybrid-k/model.safetensors hybrid-k/tokenizer.json hybrid-k/tokenizer_config.json \
    hybrid-k/log.csv hybrid-k/validation.csv "$here/"
cd "$root"
prompts=assets/prompts/majors.tsv
show() {  # show MODEL CAPTURE OPTIONS...
    model=$1 capture=captures/examples/$2
    shift 2
    "$alluvium" capture "$model" --prompts "$prompts" -o "$capture" --overwrite \
        --record experts,weights --threads "$threads" "$@"
    pack "$capture"
    "$alluvium" analyze "$capture"
}
pack() {
    "$alluvium" repack "$1" -o "$1.packed"
    mv "$1.packed" "$1"
}
show assets/specimen specimen-hybrid-k.h5 --random-router 4
show "${work#"$root"/}/top-k" specimen-top-k.h5 --random-router 4
show "${work#"$root"/}/moe" specimen-step-0.h5
# It has no routing: its losses, and where languages lie in its residual stream.
# Of half the prompts, 12 of the 24 sentences, to keep the file small.
dense=captures/examples/specimen-dense.h5 half=${work#"$root"/}/half.tsv
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "group") column = i }
    NR == 1 || substr($column, 2) + 0 <= 6' "$prompts" > "$half"
"$alluvium" capture "${work#"$root"/}/same-active" --prompts "$half" -o "$dense" --overwrite \
    --record nll,means --threads "$threads"
pack "$dense"
"$alluvium" analyze "$dense"
# All on one axis; their captures with the residual stream stay in WORK.
depth=${work#"$root"/}/depth
mkdir -p "$depth"
on_one_axis() {  # on_one_axis MODEL NAME OPTIONS...
    "$alluvium" capture "$1" --prompts "$prompts" -o "$depth/$2.h5" --overwrite --record experts,means \
        --threads "$threads" ${3:+--random-router "$3"}
}
on_one_axis "${work#"$root"/}/same-active" dense
on_one_axis "${work#"$root"/}/moe" "step 0"
on_one_axis "${work#"$root"/}/top-k" top-k 4
on_one_axis assets/specimen hybrid-k 4
"$alluvium" render stream "$depth/dense.h5" "$depth/step 0.h5" "$depth/top-k.h5" "$depth/hybrid-k.h5" \
    -o docs/images/depth.png --scale 1.25
# Without Dogri, of which the texts have nothing.
prompts=$work/families/world.tsv
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "language") column = i }
    NR == 1 || $column != "doi"' assets/prompts/world.tsv > "$prompts"
show "${work#"$root"/}/families/specimen-families" specimen-families.h5
cp "$work/last/sweep.csv" captures/examples/specimen-sweep.csv
cp "$work/more/sweep.csv" captures/examples/specimen-sweep-more.csv
tail -n 1 "$work"/*/validation.csv
