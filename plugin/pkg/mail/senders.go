package mail

import (
	"net/mail"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
	"golang.org/x/net/publicsuffix"
)

// senderFields are those of whoever sent a mail. Received fields are not among them:
// they tell of the recipient's own servers too.
var senderFields = []string{"From", "Sender", "Reply-To", "Return-Path"}

// recipientFields are those of whom it was sent to; nothing of them is kept.
var recipientFields = []string{"To", "Cc", "Bcc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"}

// behindAt is what stands behind the at sign of an address that is malformed.
var behindAt = regexp.MustCompile(`@\s*([^\s<>()"',;:@\[\]]+)`)

// senders finds the domains of a message's senders.
func (m *reader) senders(h message.Header, place []int) {
	for _, field := range senderFields {
		for values := h.FieldsByKey(field); values.Next(); {
			for _, d := range domains(values.Value()) {
				name, err := hostName(d)
				if err != nil {
					m.problem("%s: %s: the domain cannot be read: %v", named(place), field, err)
					continue
				}
				label := field
				if len(place) > 0 {
					label = dotted(place) + " " + field
				}
				m.add(name, Sender, label, nil)
			}
		}
	}
}

// domains are those of the addresses of a field; display names, which often look like
// other addresses, do not count unless nothing else can be read.
func domains(value string) (found []string) {
	if list, err := mail.ParseAddressList(value); err == nil {
		for _, a := range list {
			found = append(found, a.Address[strings.LastIndexByte(a.Address, '@')+1:])
		}
		return found
	}
	for _, match := range behindAt.FindAllStringSubmatch(value, -1) {
		found = append(found, match[1])
	}
	return found
}

// leastPersonal is how long a local part must be to be looked for in names of hosts.
const leastPersonal = 4

var localPart = regexp.MustCompile(`([^\s<>()"',;:@\[\]]+)\s*@`)

// recipients notes the local parts of those that a message was sent to.
func (m *reader) recipients(h message.Header) {
	for _, field := range recipientFields {
		for values := h.FieldsByKey(field); values.Next(); {
			for _, match := range localPart.FindAllStringSubmatch(values.Value(), -1) {
				if local := strings.ToLower(match[1]); len(local) >= leastPersonal && len(m.personal) < 100 {
					m.personal = append(m.personal, local)
				}
			}
		}
	}
}

// impersonal is a host without the labels that hold the local part of a recipient, of
// those below its registered domain, and without what stands before them.
func (m *reader) impersonal(host string) string {
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil || len(m.personal) == 0 {
		return host
	}
	below := strings.TrimSuffix(strings.TrimSuffix(host, domain), ".")
	end := 0
	for _, local := range m.personal {
		for _, spelled := range []string{local, strings.ReplaceAll(local, ".", "-"), strings.ReplaceAll(local, ".", "")} {
			end = max(end, behindWord(below, spelled))
		}
	}
	if end == 0 {
		return host
	}
	_, rest, _ := strings.Cut(below[end:], ".")
	if rest == "" {
		return domain
	}
	return rest + "." + domain
}

// behindWord is where a word ends for the last time in text; 0 if it is not there, or
// only inside another one.
func behindWord(text, word string) int {
	for end := len(text); ; {
		i := strings.LastIndex(text[:end], word)
		if i < 0 {
			return 0
		}
		if behind := i + len(word); !isAlnum(text, i-1) && !isAlnum(text, behind) {
			return behind
		}
		end = i + len(word) - 1
	}
}

func isAlnum(text string, i int) bool {
	return i >= 0 && i < len(text) && (text[i] >= 'a' && text[i] <= 'z' || text[i] >= '0' && text[i] <= '9')
}
