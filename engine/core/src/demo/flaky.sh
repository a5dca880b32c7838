# Works for a while, then fails, to be started again by its restart policy.
echo "connecting to the harbour office"
n=0
while [ $n -lt 9 ]; do
    n=$((n + 1))
    echo "job $n of 9 done"
    sleep 1
done
echo "fatal: lost the connection to the harbour office" >&2
exit 3
