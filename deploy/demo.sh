# shellcheck shell=bash
# What deploy/run --demo publishes: a botserver's traffic, made up. Sourced, never run.

# Writes events until a process is gone: demo_events PROCESS
#
# Three bots talk to people, about four messages a second. A session is a list of bot, user, session,
# channel and the number of messages left; when none are left it ends, in one way or another.
demo_events() {
    # A point in the time of day, whatever the caller's language.
    local LC_ALL=C process=$1
    local bots=(
        6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a01 6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a02
        6f1c2b9e-0d7a-4c55-9a35-2f4f6f1f0a03
    )
    local channels=(web web whatsapp whatsapp whatsapp telegram)
    local sessions=() users=() index bot user session channel left now ids answer
    for index in {1..40}; do users+=("$(demo_uuid)"); done
    while kill -0 "$process" 2>/dev/null; do
        if [ "${#sessions[@]}" -lt 12 ]; then
            sessions+=("${bots[RANDOM % 3]} ${users[RANDOM % 40]} $(demo_uuid) \
                ${channels[RANDOM % 6]} $((RANDOM % 12 + 2))")
        fi
        index=$((RANDOM % ${#sessions[@]}))
        read -r bot user session channel left <<<"${sessions[index]}"
        now=$((${EPOCHREALTIME/./} / 1000))
        printf -v ids '"bot_id":"%s","user_id":"%s","session_id":"%s","channel":"%s"' \
            "$bot" "$user" "$session" "$channel"
        demo_event message "$ids" $((now - 400)) '"role":"user"'
        printf -v answer '"role":"assistant","response_ms":%d,"tokens":%d' \
            $((RANDOM % 1800 + 200)) $((RANDOM % 400 + 40))
        demo_event message "$ids" "$now" "$answer"
        left=$((left - 1))
        sessions[index]="$bot $user $session $channel $left"
        if [ "$left" -le 0 ]; then
            demo_end "$ids" "$now"
            sessions=("${sessions[@]:0:index}" "${sessions[@]:index+1}")
        fi
        sleep 0.5
    done
}

# The end of a session: demo_end IDS NOW
demo_end() {
    case $((RANDOM % 10)) in
    [0-4]) demo_event session.resolved "$1" "$2" '"confirmed":true' ;;
    [5-6]) demo_event session.resolved "$1" "$2" '"confirmed":false' ;;
    7) demo_event session.transferred "$1" "$2" ;;
    *) demo_event session.ended "$1" "$2" ;;
    esac
    demo_event survey.offered "$1" "$2"
    if [ $((RANDOM % 3)) -gt 0 ]; then
        # Two numbers at random, the better of them: most people are content.
        local one=$((RANDOM % 5 + 1)) other=$((RANDOM % 5 + 1))
        demo_event feedback "$1" "$2" "\"rating\":$((one > other ? one : other))"
    fi
}

# One event: demo_event TYPE IDS TIME [FIELDS]
demo_event() { printf '{"type":"%s",%s,"timestamp":%d%s}\n' "$1" "$2" "$3" "${4:+,$4}"; }

demo_uuid() { cat /proc/sys/kernel/random/uuid; }
