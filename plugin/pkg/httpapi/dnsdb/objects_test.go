package dnsdb_test

// The objects of the history: RRsets, and single records as lookups by rdata give
// them.
const (
	rootNS      = `{"count":1,"time_first":700,"time_last":700,"rrname":".","rrtype":"NS","bailiwick":".","rdata":["a.root-servers.net."]}`
	parentNS    = `{"count":1,"time_first":100,"time_last":100,"rrname":"example.com.","rrtype":"NS","bailiwick":"com.","rdata":["ns1.example.net.","ns2.example.net."]}`
	childNS     = `{"count":4,"time_first":120,"time_last":130,"rrname":"example.com.","rrtype":"NS","bailiwick":"example.com.","rdata":["ns1.example.net.","ns2.example.net."]}`
	soa         = `{"count":1,"time_first":400,"time_last":400,"rrname":"example.com.","rrtype":"SOA","bailiwick":"example.com.","rdata":["ns1.example.net. hostmaster.example.com. 1 2 3 4 5"]}`
	mx          = `{"count":2,"time_first":140,"time_last":150,"rrname":"example.com.","rrtype":"MX","bailiwick":"example.com.","rdata":["10 mail.example.com.","20 backup.example.org."]}`
	txt         = `{"count":1,"time_first":300,"time_last":300,"rrname":"example.com.","rrtype":"TXT","bailiwick":"example.com.","rdata":["\"v=spf1 -all\""]}`
	ds          = `{"count":1,"time_first":100,"time_last":100,"rrname":"example.com.","rrtype":"DS","bailiwick":"com.","rdata":["1 8 1 AAAA"]}`
	nsec        = `{"count":1,"time_first":300,"time_last":310,"rrname":"example.com.","rrtype":"NSEC","bailiwick":"example.com.","rdata":["www.example.com. A"]}`
	srv         = `{"count":1,"time_first":300,"time_last":310,"rrname":"_sip._tcp.example.com.","rrtype":"SRV","bailiwick":"example.com.","rdata":["1 2 5060 mail.example.com."]}`
	wwwA        = `{"count":5,"time_first":100,"time_last":210,"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1"]}`
	wwwAEarly   = `{"count":2,"time_first":100,"time_last":110,"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1"]}`
	wwwALate    = `{"count":3,"time_first":200,"time_last":210,"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1"]}`
	wwwTwo      = `{"count":1,"time_first":205,"time_last":206,"rrname":"www.example.com.","rrtype":"A","rdata":["192.0.2.2","192.0.2.3"]}`
	wwwNet      = `{"count":9,"time_first":500,"time_last":520,"rrname":"www.example.net.","rrtype":"AAAA","rdata":["2001:db8::1"]}`
	wwwOrg      = `{"count":1,"time_first":500,"time_last":510,"rrname":"www.example.org.","rrtype":"A","bailiwick":"org.","rdata":["198.51.100.7"]}`
	wild        = `{"count":1,"time_first":700,"time_last":700,"rrname":"*.wild.test.","rrtype":"A","bailiwick":"wild.test.","rdata":["192.0.2.77"]}`
	quoted      = `{"count":1,"time_first":700,"time_last":700,"rrname":"a\\.b\\\"c.test.","rrtype":"TXT","rdata":["\"a\\\"b\\\\c\\001\""]}`
	unknown     = `{"count":1,"time_first":700,"time_last":700,"rrname":"x.test.","rrtype":"TYPE65280","rdata":["\\# 2 abcd"]}`
	gone        = `{"count":1,"time_first":700,"time_last":700,"rrname":"gone.test.","rrtype":"NXDOMAIN","rdata":[""]}`
	wwwTwoHuman = `{"count":1,"time_first":"1970-01-01T00:03:25Z","time_last":"1970-01-01T00:03:26Z","rrname":"www.example.com.","rrtype":"A","rdata":["192.0.2.2","192.0.2.3"]}`
	wwwAHuman   = `{"count":5,"time_first":"1970-01-01T00:01:40Z","time_last":"1970-01-01T00:03:30Z","rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1"]}`
	wwwAExtra   = `{"count":5,"time_first":100,"time_last":210,"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1"],"ttl_min":60,"ttl_max":300,"bailiwick_known":true,"sources":["dnstap"]}`

	recordA1      = `{"count":5,"time_first":100,"time_last":210,"rrname":"www.example.com.","rrtype":"A","rdata":"192.0.2.1"}`
	recordA1Extra = `{"count":5,"time_first":100,"time_last":210,"rrname":"www.example.com.","rrtype":"A","rdata":"192.0.2.1","ttl_min":60,"ttl_max":300,"sources":["dnstap"]}`
	recordA1Early = `{"count":2,"time_first":100,"time_last":110,"rrname":"www.example.com.","rrtype":"A","rdata":"192.0.2.1"}`
	recordA1Late  = `{"count":3,"time_first":200,"time_last":210,"rrname":"www.example.com.","rrtype":"A","rdata":"192.0.2.1"}`
	recordA2      = `{"count":1,"time_first":205,"time_last":206,"rrname":"www.example.com.","rrtype":"A","rdata":"192.0.2.2"}`
	recordA3      = `{"count":1,"time_first":205,"time_last":206,"rrname":"www.example.com.","rrtype":"A","rdata":"192.0.2.3"}`
	recordWild    = `{"count":1,"time_first":700,"time_last":700,"rrname":"*.wild.test.","rrtype":"A","rdata":"192.0.2.77"}`
	recordAAAA    = `{"count":9,"time_first":500,"time_last":520,"rrname":"www.example.net.","rrtype":"AAAA","rdata":"2001:db8::1"}`
	recordNS1     = `{"count":5,"time_first":100,"time_last":130,"rrname":"example.com.","rrtype":"NS","rdata":"ns1.example.net."}`
	recordNS2     = `{"count":5,"time_first":100,"time_last":130,"rrname":"example.com.","rrtype":"NS","rdata":"ns2.example.net."}`
	recordSOA     = `{"count":1,"time_first":400,"time_last":400,"rrname":"example.com.","rrtype":"SOA","rdata":"ns1.example.net. hostmaster.example.com. 1 2 3 4 5"}`
	recordMX      = `{"count":2,"time_first":140,"time_last":150,"rrname":"example.com.","rrtype":"MX","rdata":"10 mail.example.com."}`
	recordSRV     = `{"count":1,"time_first":300,"time_last":310,"rrname":"_sip._tcp.example.com.","rrtype":"SRV","rdata":"1 2 5060 mail.example.com."}`
	recordNSEC    = `{"count":1,"time_first":300,"time_last":310,"rrname":"example.com.","rrtype":"NSEC","rdata":"www.example.com. A"}`
	recordCNAME   = `{"count":1,"time_first":600,"time_last":600,"rrname":"alias.test.","rrtype":"CNAME","rdata":"www.example.com."}`
	recordHTTPS   = `{"count":1,"time_first":700,"time_last":700,"rrname":"h.test.","rrtype":"HTTPS","rdata":"1 www.example.com. ipv4hint=\"192.0.2.1\""}`
	recordRP      = `{"count":1,"time_first":700,"time_last":700,"rrname":"r.test.","rrtype":"RP","rdata":"admin.example.com. www.example.com."}`
)
