#!/bin/sh
# Slurm's epilog (Epilog= or a file of its folder in slurm.conf, run by slurmd as root): tells bellwether-agent that
# the job is over. A file of another job stays. Its exit code is 0 whatever happens.

job=${BELLWETHER_RUN:-/run/bellwether}/job.json
[ -n "${SLURM_JOB_ID:-}" ] && [ -f "$job" ] || exit 0
if grep -qF "{\"RMS_JOB_ID\": \"${SLURM_JOB_ID:-}\"," "$job"; then
    rm -f "$job"
fi
exit 0
