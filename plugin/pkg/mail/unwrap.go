package mail

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// mostWraps bounds how many gateways one link may have passed.
const mostWraps = 8

// unwrap follows a link out of what gateways and redirectors made of it, to the host
// that it was about.
func unwrap(text string) (name string, through []string, err error) {
	for {
		authority, rest, ok := parse(text)
		if !ok {
			return "", through, errNoHost
		}
		if name, err = host(authority); err != nil {
			return "", through, err
		}
		inner, ok := inside(name, rest)
		if !ok || len(through) == mostWraps {
			return name, through, nil
		}
		if _, err := Host(inner); err != nil {
			return name, through, nil // opaque: the gateway is all that is known
		}
		if !slices.Contains(through, name) {
			through = append(through, name)
		}
		text = inner
	}
}

// A wrapper is a gateway that puts links behind itself.
type wrapper struct {
	host   string                                     // or the end of it, if it begins with a dot
	path   string                                     // with which the path begins
	unwrap func(rest string, query url.Values) string // rest is what follows the authority
}

// wrappers are those whose links say where they lead.
var wrappers = []wrapper{
	{".safelinks.protection.outlook.com", "/", parameter("url")},
	{".safelinks.protection.outlook.cn", "/", parameter("url")},
	{".safelinks.protection.office365.us", "/", parameter("url")},
	{"statics.teams.cdn.office.net", "/evergreen-assets/safelinks", parameter("url")},
	{"urldefense.proofpoint.com", "/v1/", parameter("u")},
	{"urldefense.proofpoint.com", "/v2/", proofpoint2},
	{"urldefense.proofpoint.com", "/v3/", proofpoint3},
	{"urldefense.com", "/v3/", proofpoint3},
	{"urldefense.us", "/v3/", proofpoint3},
	{".mimecast.com", "/", domain("domain")},
	{".mimecastprotect.com", "/", domain("domain")},
	{"linkprotect.cudasvc.com", "/url", parameter("a")},
	{".protection.sophos.com", "/", sophos},
	{".trendmicro.com", "/wis/clicktime/", parameter("url")},
	{"secure-web.cisco.com", "/", lastSegment},
	{"clicktime.symantec.com", "/", parameter("u")},
	{".fireeye.com", "/", parameter("u")},
	{"url.avanan.click", "/v2/", avanan},
	{"protect.checkpoint.com", "/v2/", avanan},
	{"www.google.com", "/url", parameter("q", "url")},
	{"google.com", "/url", parameter("q", "url")},
	{"l.facebook.com", "/l.php", parameter("u")},
	{"lm.facebook.com", "/l.php", parameter("u")},
	{"www.youtube.com", "/redirect", parameter("q")},
	{"slack-redir.net", "/link", parameter("url")},
}

// inside is the link that a gateway has wrapped.
func inside(host, rest string) (string, bool) {
	path, query, _ := strings.Cut(rest, "?")
	query, _, _ = strings.Cut(query, "#")
	for _, w := range wrappers {
		if host != w.host && !(w.host[0] == '.' && strings.HasSuffix(host, w.host)) || !strings.HasPrefix(strings.ToLower(path), w.path) {
			continue
		}
		values, _ := url.ParseQuery(query) // what can be read of it
		if inner := w.unwrap(rest, values); inner != "" {
			return inner, true
		}
	}
	return "", false
}

// parameter is the link in the first of some parameters that there is.
func parameter(keys ...string) func(string, url.Values) string {
	return func(_ string, query url.Values) string {
		for _, key := range keys {
			if v := query.Get(key); v != "" {
				return v
			}
		}
		return ""
	}
}

// domain is for gateways whose links say no more than the domain that they lead to.
func domain(key string) func(string, url.Values) string {
	return func(_ string, query url.Values) string {
		if v := query.Get(key); v != "" {
			return "https://" + v
		}
		return ""
	}
}

// proofpoint2 undoes "-" for "%" and "_" for "/".
func proofpoint2(_ string, query url.Values) string {
	text, err := url.PathUnescape(strings.NewReplacer("-", "%", "_", "/").Replace(query.Get("u")))
	if err != nil {
		return ""
	}
	return text
}

// runs are the marks of how many characters two stars stand for: A for 2, B for 3, and
// so on.
const runs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// proofpoint3 is /v3/__LINK__;CHARACTERS!...: stars in the link stand for characters, which
// follow it in base64. One star is one of them, two and a mark are a run.
func proofpoint3(rest string, _ url.Values) string {
	_, rest, _ = strings.Cut(rest, "__")
	link, rest, ok := strings.Cut(rest, "__;")
	if !ok {
		return ""
	}
	encoded, _, _ := strings.Cut(rest, "!")
	decoded, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "=")) // what can be read of it
	left := []rune(string(decoded))
	var b strings.Builder
	for at := 0; at < len(link); at++ {
		if link[at] != '*' {
			b.WriteByte(link[at])
			continue
		}
		n := 1
		if at+2 < len(link) && link[at+1] == '*' {
			if i := strings.IndexByte(runs, link[at+2]); i >= 0 {
				n, at = i+2, at+2
			}
		}
		n = min(n, len(left))
		b.WriteString(string(left[:n]))
		left = left[n:]
	}
	return b.String()
}

// sophos has the domain as it is, and the link in base64.
func sophos(_ string, query url.Values) string {
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(query.Get("u"), "="))
	if err == nil && len(b) > 0 {
		return string(b)
	}
	return domain("d")("", query)
}

// lastSegment is the link as the last part of the path.
func lastSegment(rest string, _ url.Values) string {
	path, _, _ := strings.Cut(rest, "?")
	text, err := url.PathUnescape(path[strings.LastIndexByte(path, '/')+1:])
	if err != nil {
		return ""
	}
	return text
}

var underscores = regexp.MustCompile(`^/v2/(?:r\d+/)?___(.+?)___`)

// avanan has the link between underscores.
func avanan(rest string, _ url.Values) string {
	if m := underscores.FindStringSubmatch(rest); m != nil {
		return m[1]
	}
	return ""
}
