#!/usr/bin/env bash
# Tries --slurm on a real Slurm of one node: a task of the array is killed in the middle, the script
# is submitted again, and the merged store must equal that of a run without Slurm, to the last bit.
# Needs Debian's munge and slurm-wlm; all daemons are private to a directory that goes away.
set -euo pipefail
program=${1:?usage: slurm.sh PATH-OF-VERIFY-CLI}
work=$(mktemp -d)
cd "$work"
pids=()
finish() {
  status=$?
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  if [ "$status" -ne 0 ]; then tail -n 30 "$work"/*.log >&2 || true; fi
  rm -rf "$work"
}
trap finish EXIT

host=$(hostname -s)
port=$((20000 + RANDOM % 20000))
mkdir state spool
chmod 700 .
(umask 077; head -c 1024 /dev/urandom > munge.key)
export SLURM_CONF=$work/slurm.conf
cat > slurm.conf <<END
ClusterName=verify
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END

munged --foreground --force --key-file="$work/munge.key" --socket="$work/munge.socket" \
  --pid-file="$work/munge.pid" --seed-file="$work/munge.seed" --log-file="$work/munged.log" \
  >munged.out.log 2>&1 & pids+=($!)
for _ in $(seq 50); do [ -S munge.socket ] && break; sleep 0.1; done
slurmctld -D -c >slurmctld.log 2>&1 & pids+=($!)
slurmd -D >slurmd.log 2>&1 & pids+=($!)
for _ in $(seq 60); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.5; done
sinfo -h -o %T | grep -q idle || { echo 'Error: Slurm did not start' >&2; exit 1; }

study=(stability --sizes 64-16-10 --iterations 60000 --seeds 2 --rules bp,il-prox --alpha 0.1,1000
  --compare-every 0 --evaluate-every 2000 --checkpoint-interval 0.2 --quiet)
"$program" "${study[@]}" --store reference.sqlite > reference.txt
"$program" results export --format jsonl --store reference.sqlite > reference.jsonl
"$program" "${study[@]}" --store all.sqlite --slurm job.sh --slurm-tasks 4 --slurm-cores 1

# An answer that does not come is no empty queue.
wait_until_empty() {
  local queue
  for _ in $(seq 300); do
    if queue=$(squeue -h) && [ -z "$queue" ]; then return; fi
    sleep 0.5
  done
  echo 'Error: the jobs did not end' >&2
  return 1
}

bash job.sh
array=$(squeue -h -o %F --sort=i | head -n 1)
# Task 3 is killed without warning once it has saved something.
for _ in $(seq 200); do
  if [ -e all.shard-3.sqlite ] && "$program" results list --store all.shard-3.sqlite --format csv \
      2>/dev/null | grep -q unfinished; then break; fi
  sleep 0.1
done
scancel --signal=KILL --batch "${array}_3"
wait_until_empty
if "$program" "${study[@]}" --store all.sqlite --tables-only >/dev/null 2>missing.txt; then
  echo 'Error: nothing is missing after the kill; was the task too quick?' >&2; exit 1
fi
cat missing.txt
grep -q 'runs are missing' all.sqlite.merge.log || { echo 'Error: the merge job did not say so' >&2; exit 1; }

before=$("$program" results list --store all.shard-1.sqlite --format csv)
bash job.sh
wait_until_empty
[ "$before" = "$("$program" results list --store all.shard-1.sqlite --format csv)" ] \
  || { echo 'Error: a finished share was run again' >&2; exit 1; }
"$program" results export --format jsonl --store all.sqlite > all.jsonl
cmp reference.jsonl all.jsonl
# The merge job printed the same tables; the provenance below them names another command.
diff <(sed '/^Provenance$/,$d' reference.txt) \
  <(sed '/ runs added, /d; /^Provenance$/,$d' all.sqlite.merge.log)
echo "slurm: $(wc -l < all.jsonl) runs, one task killed and made good: equal to a run without Slurm"
