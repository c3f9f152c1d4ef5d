package mail

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/emersion/go-message"

	"example.org/pdns/plugin/pkg/registered"
	"example.org/pdns/plugin/pkg/rrset"
)

// recipientFields are those of whom a mail was sent to; nothing of them is kept. Of
// Received it is what stands behind "for" (RFC 5321, section 4.4).
var recipientFields = fieldSet(`To Cc Bcc Apparently-To Delivered-To Envelope-To Original-Recipient Final-Recipient Received
	Resent-To Resent-Cc Resent-Bcc X-Apparently-To X-Delivered-To X-Envelope-To X-Forwarded-For X-Forwarded-To X-Original-To
	X-RCPT-To X-Real-To X-Received-For X-Resolved-To`)

func fieldSet(text string) map[string]bool {
	set := map[string]bool{}
	for field := range strings.FieldsSeq(text) {
		set[strings.ToLower(field)] = true
	}
	return set
}

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

var (
	localPart   = regexp.MustCompile(`([^\s<>()"',;:@\[\]]+)\s*@\s*([^\s<>()"',;:@\[\]]*)`)
	receivedFor = regexp.MustCompile(`(?i)\bfor\s+<?\s*("[^"]*"|[^\s<>;]+)`)
)

// recipients notes those that a message was sent to.
func (m *reader) recipients(h message.Header) {
	for fields := h.Fields(); fields.Next(); {
		if field := strings.ToLower(fields.Key()); recipientFields[field] {
			m.recipientField(field, fields.Value())
		}
	}
}

// recipientField notes those in one field, also if its addresses are encoded (RFC 2047)
// where no address may be.
func (m *reader) recipientField(field, value string) {
	if field == "received" {
		found := receivedFor.FindStringSubmatch(value)
		if found == nil {
			return
		}
		value = found[1]
	}
	values := []string{value}
	if decoded, err := encodedWords.DecodeHeader(value); err == nil && decoded != value {
		values = append(values, decoded)
	}
	for _, value := range values {
		for _, match := range localPart.FindAllStringSubmatch(value, -1) {
			m.recipient(match[1], match[2])
		}
		if list, err := mail.ParseAddressList(value); err == nil { // quoted ones too
			for _, a := range list {
				at := max(0, strings.LastIndexByte(a.Address, '@'))
				m.recipient(a.Address[:at], strings.TrimPrefix(a.Address[at:], "@"))
			}
		}
	}
}

// encodedWords reads those in charsets that the library of messages knows.
var encodedWords = mime.WordDecoder{CharsetReader: message.CharsetReader}

// mostRecipients bounds how many are looked for in hosts.
const mostRecipients = 10_000

// recipient notes an address, and that of the account if it has a detail (RFC 5233).
func (m *reader) recipient(local, domain string) {
	address := local + "@" + domain
	if m.addresses[address] {
		return
	}
	if len(m.addresses) == mostRecipients {
		m.cut("recipients behind the first %d were not looked for in hosts", mostRecipients)
		return
	}
	m.addresses[address] = true
	account, _, _ := strings.Cut(local, "+")
	for _, s := range []string{local, account} {
		m.out.Recipients.add(s, domain)
	}
}

// Recipients are those that a mail was sent to, for finding them in names; no address can
// be read out of them. A nil one names nobody. It is safe for concurrent use.
type Recipients struct {
	keys    map[string]bool // what names one, letters and digits only
	longest int             // the length of the longest key
}

// add notes the ways in which labels spell an address.
func (r *Recipients) add(local, domain string) {
	ascii, err := names.ToASCII(local) // as a host spells it
	if err != nil {
		ascii = local
	}
	words := wordsOf(strings.ToLower(ascii))
	key := strings.Join(words, "")
	if key == "" || roles[key] {
		return
	}
	r.key(key)
	slices.Reverse(words)
	r.key(strings.Join(words, "")) // smith.jo
	if domain == "" {
		return
	}
	address := local + "@" + domain
	texts := []string{address, strings.ToLower(address)}
	if len(local) >= leastEncoded {
		texts = append(texts, local, strings.ToLower(local))
	}
	for _, text := range texts {
		raw := []byte(text)
		md5, sha1, sha256 := md5.Sum(raw), sha1.Sum(raw), sha256.Sum256(raw)
		for _, code := range []string{hex.EncodeToString(raw), base32.StdEncoding.EncodeToString(raw), base64.StdEncoding.EncodeToString(raw),
			base64.URLEncoding.EncodeToString(raw), hex.EncodeToString(md5[:]), hex.EncodeToString(sha1[:]), hex.EncodeToString(sha256[:])} {
			r.key(strings.Join(wordsOf(strings.ToLower(code)), "")) // hosts have no case
		}
	}
}

// leastEncoded is how long a local part must be to be looked for encoded: what a shorter
// one becomes is a word that means something else.
const leastEncoded = 4

func (r *Recipients) key(key string) {
	r.keys[key] = true
	r.longest = max(r.longest, len(key))
}

// Named reports whether a host names one of them in a label below its registered domain:
// see Privacy above.
func (r *Recipients) Named(host string) bool { return r.without(host) != host }

// In reports whether a text of any kind names one of them.
func (r *Recipients) In(text string) bool {
	return r != nil && r.behindPerson(strings.ToLower(text)) > 0
}

// wordsOf are what stands between what is neither letter nor digit.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// leastPersonal is how long a local part must be to be found as a word in a label; a
// shorter one must be all of it.
const leastPersonal = 3

// without is a host without the labels that hold the local part of a recipient, of
// those below its registered domain, and without what stands before them.
func (r *Recipients) without(host string) string {
	if r == nil || len(r.keys) == 0 {
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
	end := r.behindPerson(below)
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
func (r *Recipients) behindPerson(labels string) (behind int) {
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
			if joined += all[j]; len(joined) > r.longest {
				break
			}
			end := begins[j] + len(all[j])
			if r.keys[joined] && (len(joined) >= leastPersonal || isWhole(labels, begins[i], end)) {
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
