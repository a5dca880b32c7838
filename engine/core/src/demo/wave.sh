# Uses more and more memory and processor, then less and less, over and over.
while :; do
    for size in 4 12 24 36 48 36 24 12; do
        head -c ${size}m /dev/zero > /dev/shm/wave
        echo "wave: ${size} MiB, busy for $((size / 12)) s of 4"
        end=$(($(date +%s) + size / 12))
        while [ "$(date +%s)" -lt $end ]; do
            i=0
            while [ $i -lt 20000 ]; do i=$((i + 1)); done
        done
        sleep $((4 - size / 12))
    done
done
