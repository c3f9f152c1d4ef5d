package mail

import (
	"net/mail"
	"regexp"
	"strings"

	"github.com/emersion/go-message"
)

// senderFields are those of whoever sent a mail. Received fields are not among them:
// they tell of the recipient's own servers too.
var senderFields = []string{"From", "Sender", "Reply-To", "Return-Path"}

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
