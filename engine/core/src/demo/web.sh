# Writes lines like a web server's, some in colour, some to standard error.
n=0
while :; do
    n=$((n + 1))
    case $((n % 7)) in
        0) path=/api/orders method=POST status=201 ;;
        1) path=/ method=GET status=200 ;;
        2) path=/harbour/berths method=GET status=200 ;;
        3) path=/static/app.css method=GET status=304 ;;
        4) path=/api/ships/$((n * 37 % 900)) method=GET status=200 ;;
        5) path=/login method=POST status=302 ;;
        6) path=/api/cranes/$((n * 13 % 50)) method=DELETE status=404 ;;
    esac
    took=$((n * 7919 % 180 + 3))
    case $status in
        2*) colour=32 ;;
        3*) colour=36 ;;
        *) colour=33 ;;
    esac
    printf '\033[2m10.0.%d.%-3d\033[0m %-6s %-22s \033[%dm%d\033[0m %3d ms\n' $((n % 4)) $((n * 31 % 250 + 2)) $method $path $colour $status $took
    if [ $((n % 23)) = 0 ]; then
        printf '\033[31mERROR\033[0m upstream timed out after %d ms, trying the next one\n' $((took * 20)) >&2
    fi
    sleep 0.$((n * 3 % 7 + 2))
done
