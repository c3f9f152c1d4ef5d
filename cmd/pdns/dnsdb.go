package main

import (
	"fmt"
	"slices"
	"strings"
)

// notDNSDB refuses a subject as DNSDB has it, and dnsdbq with it:
// rrset/name/NAME/TYPE, rdata/name/NAME, rdata/ip/ADDRESS, rdata/raw/OCTETS. It
// would be taken for the name before the slash.
func notDNSDB(subject string) error {
	parts := strings.Split(subject, "/")
	if len(parts) < 3 || !slices.Contains([]string{"rrset", "rdata"}, parts[0]) || !slices.Contains([]string{"name", "ip", "raw"}, parts[1]) {
		return nil
	}
	ask := "pdns lookup '" + strings.Replace(parts[2], ",", "/", 1) + "'"
	switch {
	case parts[1] == "raw":
		ask += " --raw"
	case parts[0] == "rdata" && parts[1] == "name":
		ask += " --rdata"
	}
	if len(parts) > 3 {
		ask += " --type " + parts[3]
	}
	return withHint(fmt.Errorf("%q is a path of DNSDB, want SUBJECT", subject), ask)
}
