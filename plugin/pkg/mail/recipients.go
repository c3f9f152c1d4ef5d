package mail

import (
	"net/mail"
	"net/netip"
	"regexp"
	"strings"

	"github.com/emersion/go-message"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

// recipientFields are those of whom a mail was sent to; nothing of them is kept.
var recipientFields = []string{"To", "Cc", "Bcc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"}

// roles are local parts that name what somebody does and nobody: those of RFC 2142 and
// what else is usual. Hosts are called like that for reasons of their own.
var roles = spelled(`abuse account accounting accounts admin administrator billing buchhaltung career careers compliance contact
	customerservice dpo finance ftp hello help helpdesk hostmaster hr info invoice invoices it jobs kontakt legal list lists mail
	marketing media news newsletter noc noreply office order orders postmaster press privacy root sales security service services
	shop spam staff support team usenet uucp web webmaster www`)

func spelled(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

var localPart = regexp.MustCompile(`([^\s<>()"',;:@\[\]]+)\s*@`)

// recipients notes the local parts of those that a message was sent to.
func (m *reader) recipients(h message.Header) {
	for _, field := range recipientFields {
		for values := h.FieldsByKey(field); values.Next(); {
			for _, match := range localPart.FindAllStringSubmatch(values.Value(), -1) {
				m.recipient(match[1])
			}
			if list, err := mail.ParseAddressList(values.Value()); err == nil { // quoted ones too
				for _, a := range list {
					m.recipient(a.Address[:max(0, strings.LastIndexByte(a.Address, '@'))])
				}
			}
		}
	}
}

// recipient notes a local part, and that of the account if it has a detail (RFC 5233).
func (m *reader) recipient(local string) {
	account, _, _ := strings.Cut(local, "+")
	for _, s := range []string{local, account} {
		ascii, err := names.ToASCII(s) // as a host spells it
		if err != nil {
			ascii = s
		}
		if key := strings.Join(wordsOf(strings.ToLower(ascii)), ""); key != "" && !roles[key] {
			m.personal[key] = true
			m.longest = max(m.longest, len(key))
		}
	}
}

// wordsOf are what stands between what is neither letter nor digit.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// leastPersonal is how long a local part must be to be found as a word in a label; a
// shorter one must be all of it.
const leastPersonal = 3

// impersonal is a host without the labels that hold the local part of a recipient, of
// those below its registered domain, and without what stands before them.
func (m *reader) impersonal(host string) string {
	if len(m.personal) == 0 {
		return host
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return host
	}
	wire, err := rrset.ParseName(host)
	if err != nil { // it came from one
		return host
	}
	domain := strings.TrimSuffix(rrset.NameString(registered.Domain(wire)), ".")
	below := strings.TrimSuffix(strings.TrimSuffix(host, domain), ".")
	end := m.behindPerson(below)
	if end == 0 {
		return host
	}
	_, rest, _ := strings.Cut(below[end:], ".")
	if rest == "" {
		return domain
	}
	return rest + "." + domain
}

// behindPerson is where the local part of a recipient ends for the last time in labels;
// 0 if it is not there.
func (m *reader) behindPerson(labels string) (behind int) {
	all := wordsOf(labels)
	begins := make([]int, len(all))
	at := 0
	for i, word := range all {
		begins[i] = at + strings.Index(labels[at:], word)
		at = begins[i] + len(word)
	}
	for i := range all {
		joined := ""
		for j := i; j < len(all); j++ {
			if joined += all[j]; len(joined) > m.longest {
				break
			}
			end := begins[j] + len(all[j])
			if m.personal[joined] && (len(joined) >= leastPersonal || isWhole(labels, begins[i], end)) {
				behind = max(behind, end)
			}
		}
	}
	return behind
}

// isWhole reports whether text from begin to end is whole labels.
func isWhole(labels string, begin, end int) bool {
	return (begin == 0 || labels[begin-1] == '.') && (end == len(labels) || labels[end] == '.')
}
