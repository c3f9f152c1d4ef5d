package investigate

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dustin/go-humanize/english"
)

// telling are words of names that are made to take money or passwords. They sort what a
// person looks at first, and decide nothing.
var telling = []string{
	"account", "auth", "bank", "banking", "billing", "card", "cash", "checkout", "confirm", "gateway", "invoice", "login", "logon",
	"passwd", "password", "pay", "payment", "payments", "paypal", "refund", "secure", "secured", "securepay", "security", "signin",
	"sso", "tax", "transfer", "unlock", "update", "verification", "verify", "wallet",
}

// speaks is which of these words a name has between its dots, hyphens and digits.
func speaks(name string) (found []string) {
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(telling, word) && !slices.Contains(found, word) {
			found = append(found, word)
		}
	}
	return found
}

// Plain is an id for people: a name without its final dot.
func Plain(id string) string {
	if len(id) > 1 {
		return strings.TrimSuffix(id, ".")
	}
	return id
}

// counted is how many there are of what.
func counted(n int, what string) string { return english.Plural(n, what, "") }

// Day and Minute are times for people, in UTC; a dash where there is none.
func Day(u int64) string    { return at(u, time.DateOnly) }
func Minute(u int64) string { return at(u, "2006-01-02 15:04") }

func at(u int64, layout string) string {
	if u == 0 {
		return "–"
	}
	return time.Unix(u, 0).UTC().Format(layout)
}
