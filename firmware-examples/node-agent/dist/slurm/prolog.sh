#!/bin/sh
# Slurm's prolog (Prolog= or a file of its folder in slurm.conf, run by slurmd as root): tells bellwether-agent which
# job begins on this node. Its exit code is 0 whatever happens: a node is never drained for it.
#
# The file is written beside its place and renamed, so that the agent never reads half of it. Nodes that run
# several jobs at a time have no job file: the last one to begin would count for all.

folder=${BELLWETHER_RUN:-/run/bellwether}
[ -n "${SLURM_JOB_ID:-}" ] && [ -d "$folder" ] || exit 0

# A JSON string of at most 256 characters. What is not printable ASCII is left out.
quoted() {
    printf '"%s"' "$(printf '%s' "$1" | LC_ALL=C tr -cd '\040-\176' | cut -c1-256 | sed 's/[\\"]/\\&/g')"
}

umask 022
new=$(mktemp "$folder/.job.XXXXXX") || exit 0
trap 'rm -f "$new"' EXIT
{
    printf '{"RMS_JOB_ID": %s, ' "$(quoted "${SLURM_JOB_ID:-}")"
    printf '"RMS_JOB_USER": %s, ' "$(quoted "${SLURM_JOB_USER:-}")"
    printf '"RMS_JOB_PARTITION": %s, ' "$(quoted "${SLURM_JOB_PARTITION:-}")"
    printf '"RMS_JOB_NAME": %s, ' "$(quoted "${SLURM_JOB_NAME:-}")"
    # Long lists of nodes are passed on whole: the agent expands them.
    printf '"RMS_JOB_NODELIST": "%s", ' "$(printf '%s' "${SLURM_JOB_NODELIST:-${SLURM_NODELIST:-}}" | LC_ALL=C tr -cd 'A-Za-z0-9_.,[]-')"
    printf '"RMS_STEP_ID": -1, "RMS_JOB_START": %s}\n' "$(date +%s)"
} > "$new" && chmod 0644 "$new" && mv -f "$new" "$folder/job.json" && trap - EXIT
exit 0
