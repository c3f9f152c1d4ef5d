package asn

import (
	"strconv"
	"strings"
)

// A record is what databases have of a network, by the keys of their makers: MaxMind
// and DB-IP, then IPinfo, whose number is text such as AS64500.
type record struct {
	Number uint32 `maxminddb:"autonomous_system_number"`
	Name   string `maxminddb:"autonomous_system_organization,maxsize:4096"`

	Text   string `maxminddb:"asn,maxsize:64"`
	AsName string `maxminddb:"as_name,maxsize:4096"`
	Owner  string `maxminddb:"name,maxsize:4096"`
}

// number is 0 if there is none.
func (r *record) number() uint32 {
	if r.Number != 0 {
		return r.Number
	}
	digits := r.Text
	if len(digits) > 2 && strings.EqualFold(digits[:2], "AS") {
		digits = digits[2:]
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return 0
	}
	return uint32(n)
}

func (r *record) organisation() string {
	for _, name := range []string{r.Name, r.AsName, r.Owner} {
		if name != "" {
			return strings.ToValidUTF8(name, "\uFFFD")
		}
	}
	return ""
}
