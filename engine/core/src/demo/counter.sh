# Counts.
n=0
while :; do
    n=$((n + 1))
    echo "count $n"
    sleep 1
done
