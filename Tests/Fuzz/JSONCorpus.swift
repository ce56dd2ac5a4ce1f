// Where JSON inputs start from: replies of the service, values of every kind, and the format's pieces.

enum JSONCorpus {
    static let seeds: [[UInt8]] = [
        link, payment(in: link), compact,
        #"{"access_token":"sandbox-63cbe1e4","token_type":"Bearer","expires_in":3600}"#,
        #"{"amount":12.50,"description":"Order 1001","reuseable":false,"expirationTimestamp":1.8e9}"#,
        #"{"error":"invalid_request","message":"amount: must be positive","errors":[{"path":["amount"],"code":7}]}"#,
        #"[]"#, #"{}"#, #" null "#, #"[true,false,null]"#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\u001f\u00e4\ud83e\uddfe""#,
        #""\uD800""#, #""\uDC00\uD800""#, #""ä€🧾""#, "\"0123456789abcdef0123456789abcdef\"",
        #"[0,-0,1,-1,10,1.5,-1.5,1e5,1E+5,1e-5,0.1e1,9007199254740993,9223372036854775807,-9223372036854775808]"#,
        #"[9223372036854775808,-9223372036854775809,1e308,1e309,-1e309,5e-324,1e-400,0.30000000000000004]"#,
        #"[01,-,1.,.5,1e,+1,0x1,NaN,Infinity]"#, #"{"a":1,"a":2,"":{"":[]}}"#, #"{"a":{"b":{"c":[[[{"d":[]}]]]}}}"#,
        #"{"a":1,}"#, #"[1,]"#, #"[1 2]"#, #"{"a" 1}"#, #"{1:2}"#, "[1]x", "",
        String(repeating: "[", count: 130), String(repeating: "[", count: 70) + String(repeating: "]", count: 70),
        String(repeating: #"{"k":"#, count: 100) + "1" + String(repeating: "}", count: 100),
        String(repeating: #"[{"k":"#, count: 40) + "1" + String(repeating: "}]", count: 40),
    ].map { Array($0.utf8) }

    static let pieces = texts + texts + oddBytes

    private static let texts: [[UInt8]] = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\\"", "\\u", "\\u0000", "\\ud83e\\uddfe", "\\ud83e", "\\uDDFE",
        "\\n", "true", "false", "null", "nul", "0", "-", "-0", "1", "1.5", "1e5", "e", "E+", ".", "-1", "1e400",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e15", "99999999999999999999999999",
        " ", "\n", "\t", "\r", "[[", "]]", "{\"a\":", "\"a\":1,", "\u{FEFF}", "ä€🧾", "\"abcdefgh\"",
        "\"id\":", "\"status\":", "\"amount\":", "\"mostRecentPayment\":", "\"description\":", "\"archived\":true,",
        "\"paymentCount\":", "\"expirationTimestamp\":", "\"createdTimestamp\":", "\"transactionHash\":\"\",",
        "\"requestedPayerUserId\":", "\"123E4567-e89b-12d3-a456-426614174000\"",
    ].map { Array($0.utf8) }

    /// Control characters and pieces of UTF-8, whole and broken.
    private static let oddBytes: [[UInt8]] = [
        [0x00], [0x1F], [0x7F], [0x80], [0xC3], [0xA9], [0xE2, 0x82], [0xE0, 0x80], [0xED, 0xA0, 0x80],
        [0xF0, 0x9F, 0xA7], [0xF4, 0x90], [0xFF], [0xEF, 0xBB, 0xBF],
    ]

    /// One that is short, so that a change hits what matters.
    private static let compact =
        #"{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da","amount":1,"status":0,"mostRecentPayment":{"#
        + #""id":"01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6","amount":2}}"#

    private static let link =
        #"{"id":"01a3185c-5000-79cb-b3d3-3b666a1e21da","url":"https://1shotpay.com/en/link/01a3185c","userId":"#
        + #""018f5a3c-0000-7000-8000-00000000a11c","username":"sandbox-shop","accountAddress":"0x5a4dB0c5","#
        + #""profileImageUrl":null,"status":0,"amount":12500000,"description":"Order \"1001\" é","mediaUrl":"#
        + #""https://example.com/widget.png","expirationTimestamp":1800000900,"reuseable":false,"#
        + #""payerDefinedAmount":false,"requestedPayerUserId":"123e4567-e89b-12d3-a456-426614174000","#
        + #""archived":false,"ignoredByRequestedPayer":false,"paymentCount":0,"deletable":true,"#
        + #""mostRecentPayment":null,"createdTimestamp":1800000000.5,"updatedTimestamp":1800000000}"#

    private static func payment(in link: String) -> String {
        let before = #""mostRecentPayment":"#
        let payment =
            #"{"id":"01a3185c-ffc8-7a11-b7cb-c4a133c2d0f6","payLinkId":"01a3185c-5000-79cb-b3d3-3b666a1e21da","#
            + #""amount":12500000,"relayerTransactionId":"01a3185c","transactionHash":"0x69c3a276","paidByUserId":"#
            + #""123e4567-e89b-12d3-a456-426614174000","createdTimestamp":1800000045,"updatedTimestamp":null}"#
        let parts = link.split(separator: before + "null")
        return parts.joined(separator: before + payment)
    }
}
