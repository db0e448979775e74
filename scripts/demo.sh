#!/bin/sh
# The main job once through in a terminal: create, import, show, materialize. Usage: demo.sh STONEWARE
set -eu

stoneware=$1
folder=.run/demo
rm -rf "$folder"
mkdir -p "$folder"
export STONEWARE_WORKSPACE="$folder/roastery.db"

# Says what comes, then does it.
run() {
    printf '\n\033[1m$ stoneware'
    for word in "$@"; do
        case $word in
        *\'*) printf ' "%s"' "$word" ;;
        *[!A-Za-z0-9_./:,=-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\033[0m\n'
    "$stoneware" "$@"
}

echo "Stoneware in the terminal. The workspace is one file: $STONEWARE_WORKSPACE"

run init
run entity create Customer --field 'email:email:required,unique' --field 'name:string:required' --field 'city:string' \
    --field 'joined:date' --field 'tier:select:options=bronze|silver|gold,default=bronze'
run entity create Order --field 'number:string:required,unique' --field 'total:currency' --field 'placed_at:datetime'
run relationship add Order customer Customer --type many_to_one --on-delete restrict
run entity create Tag --field 'name:string:required,unique'
run relationship add Order tags Tag --type many_to_many --inverse orders

# Twenty thousand customers as CSV and fifty thousand shipments as NDJSON, the same every time.
awk 'BEGIN {
    split("Lisbon,Oslo,Kyoto,Quito,Accra,Hobart", cities, ","); split("bronze,silver,gold", tiers, ",")
    print "email,name,city,joined,tier"
    for (i = 1; i <= 20000; i++)
        printf "customer%d@example.com,Customer %d,%s,20%02d-%02d-%02d,%s\n",
            i, i, cities[i % 6 + 1], 10 + i % 16, i % 12 + 1, i % 28 + 1, tiers[i % 3 + 1]
}' >"$folder/customers.csv"
awk 'BEGIN {
    for (i = 1; i <= 50000; i++)
        printf "{\"tracking\":\"STN%07d\",\"weight_kg\":%.2f,\"express\":%s}\n", i, i % 300 / 10 + 0.25, i % 4 ? "false" : "true"
}' >"$folder/shipments.ndjson"

run import "$folder/customers.csv" --entity Customer
run import "$folder/shipments.ndjson" --entity Shipment
run record insert Order '{"number": "2026-0001", "total": "48.50", "placed_at": "2026-01-31T12:00:00Z"}'

run entity list
run entity show Customer
run record list Customer --where "city = 'Kyoto' and tier = 'gold'" --sort name --limit 5

echo
echo "So far every record lies in one flexible table. Now Customer and Shipment get tables of their own."
run materialize Customer Shipment
run entity list
run job list

echo
echo "The same calls give the same answers, whichever table the records lie in:"
run record list Customer --where "city = 'Kyoto' and tier = 'gold'" --sort name --limit 5
run changelog

echo
echo "Done. Look around with: $stoneware -w $STONEWARE_WORKSPACE entity list"
