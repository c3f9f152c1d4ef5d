// Command demo writes the history that "make demo" investigates: what a resolver
// would have remembered of a swindle that starts with a mail, and of the innocent
// names around it. Names and addresses are of those reserved for documentation
// (RFC 2606, RFC 5737, RFC 3849), and the same come out every time.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// The swindle.
const (
	lure      = "parcel-8841.track-delivery.example."
	payment   = "pay.secure-checkout.example."
	firstHome = "192.0.2.41"    // of the lure, and of 41 names more
	nextHome  = "198.51.100.23" // of the lure later on, and of 43 more
	till      = "203.0.113.77"  // of the payment page, and of 1,474 more
	onFirst   = 42
	onNext    = 44
	onTill    = 1475
)

var begin = time.Date(2019, 7, 1, 6, 0, 0, 0, time.UTC)

// A record is an RRset in the passive DNS common output format.
type record struct {
	Name  string   `json:"rrname"`
	Type  string   `json:"rrtype"`
	Rdata []string `json:"rdata"`
	First int64    `json:"time_first"`
	Last  int64    `json:"time_last"`
	Count int      `json:"count"`
	Zone  string   `json:"bailiwick"`
}

func main() {
	if err := write(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// write writes the whole history, a record a line.
func write(w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	h := &history{rand: rand.New(rand.NewPCG(2019, 801)), used: map[string]bool{}}
	h.swindle()
	h.innocent()
	for _, r := range h.records {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return out.Flush()
}

// A history is made record by record.
type history struct {
	rand    *rand.Rand
	used    map[string]bool
	records []record
}

// swindle is the lure, what stood beside it, and where the money went.
func (h *history) swindle() {
	h.add(lure, "track-delivery.example.", "A", firstHome, 1, 18)
	h.add(lure, "track-delivery.example.", "A", nextHome, 18, 36)
	h.add(payment, "secure-checkout.example.", "A", till, 3, 40)
	for range onFirst - 1 {
		h.addNew(mailWords, firstHome, 0, 20)
	}
	for range onNext - 1 {
		h.addNew(mailWords, nextHome, 17, 40)
	}
	for range onTill - 1 {
		h.addNew(shopWords, till, 0, 45)
	}
}

// innocent is what else the resolver saw: addresses, mail and name servers of
// names that have nothing to do with it.
func (h *history) innocent() {
	for i := range 4000 {
		zone := h.name(plainWords)
		home := fmt.Sprintf("2001:db8:%x::%x", i/200, i%200+1)
		h.add("www."+zone, zone, "AAAA", home, 0, 60)
		if i%4 == 0 {
			h.add(zone, zone, "MX", "10 mail."+zone, 0, 60)
			h.add(zone, zone, "NS", "ns1."+zone, 0, 60)
		}
	}
}

// addNew adds a new name at an address, for some days between from and to.
func (h *history) addNew(words [2][]string, address string, from, to int) {
	zone := h.name(words)
	first := from + h.rand.IntN((to-from)/2)
	h.add(zone, zone, "A", address, first, first+1+h.rand.IntN(to-first-1))
}

// add adds a record that was seen from one day of the history to another.
func (h *history) add(name, zone, rrtype, rdata string, first, last int) {
	minutes := func(day int) int64 {
		return begin.AddDate(0, 0, day).Add(time.Duration(h.rand.IntN(600)) * time.Minute).Unix()
	}
	h.records = append(h.records, record{
		Name: name, Zone: zone, Type: rrtype, Rdata: []string{rdata},
		First: minutes(first), Last: minutes(last), Count: 1 + h.rand.IntN(90*(last-first)),
	})
}

// name makes a name that was not there before.
func (h *history) name(words [2][]string) string {
	for {
		n := fmt.Sprintf("%s-%s%d.%s.", pick(h, words[0]), pick(h, words[1]), 1+h.rand.IntN(999), pick(h, tops))
		if !h.used[n] {
			h.used[n] = true
			return n
		}
	}
}

func pick(h *history, words []string) string { return words[h.rand.IntN(len(words))] }

// Words that names are made of, two to a name.
var (
	tops       = []string{"example", "example", "test", "invalid"}
	mailWords  = [2][]string{{"parcel", "post", "track", "depot", "customs"}, {"hold", "fee", "notice", "redeliver", "status"}}
	shopWords  = [2][]string{{"secure", "pay", "card", "checkout", "verify", "bank"}, {"portal", "login", "gateway", "desk", "safe"}}
	plainWords = [2][]string{{"garden", "school", "museum", "bakery", "river", "library"}, {"club", "house", "news", "works", "guide"}}
)
