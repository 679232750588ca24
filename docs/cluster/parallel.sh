#!/bin/bash
# All shards of a sweep under GNU parallel, or under xargs where that is absent, and their merge.
#
#   parallel.sh 10 results/crews quickstart.toml --vary policies.repair.crews=1,2,3,4 --runs 200
#
# First the number of shards, then the folder for all of them, then what `fleetsim sweep` is given.
# The same line again does what is missing. JOBS says how many shards at once (the cores of this
# machine, unless it is set), HOSTS names other machines that see the same folder under the same
# path, as GNU parallel's --sshlogin takes them: HOSTS=8/node1,8/node2,:

set -euo pipefail
if [ $# -lt 3 ]; then
    echo "usage: parallel.sh SHARDS DIR SCENARIO --vary PATH=VALUES..." >&2
    exit 2
fi
shards=$1 folder=$2
shift 2

mkdir -p "$folder"
# %% stands for the number of a shard; one thread each, as there are as many at once as cores.
shard=(fleetsim sweep "$@" --shard "%%/$shards" --threads 1 --quiet --out "$folder/shard-%%" --resume)
if command -v parallel >/dev/null; then
    # --quote, as values may hold quotes, brackets and blanks.
    parallel --quote --jobs "${JOBS:-100%}" ${HOSTS:+--sshlogin "$HOSTS" --workdir "$PWD"} \
        -I %% "${shard[@]}" ::: $(seq 0 $((shards - 1)))
else
    seq 0 $((shards - 1)) | xargs -P "${JOBS:-$(nproc)}" -I %% "${shard[@]}"
fi

# A merged folder with a ledger is whole: then there is nothing left to do.
if [ ! -e "$folder/merged/ledger.jsonl" ]; then
    parts=()
    for ((k = 0; k < shards; k++)); do parts+=("$folder/shard-$k"); done
    fleetsim merge "${parts[@]}" --out "$folder/merged"
fi
