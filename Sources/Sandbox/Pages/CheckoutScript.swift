// The page's behaviour: a countdown, a look at the state every two seconds, closing once paid.
// All of it is comfort; the form and the refresh do without.

enum CheckoutScript {
    static let source = """
        (function () {
          'use strict';
          var data = document.body.dataset;
          var picture = document.getElementById('picture');
          if (picture) {
            var drop = function () { picture.remove(); };
            if (picture.complete && picture.naturalWidth === 0) drop();
            else picture.addEventListener('error', drop);
          }
          if (!data.stateUrl) return;

          var left = Number(data.left), since = performance.now(), timer = document.getElementById('timer');
          function two(n) { return n < 10 ? '0' + n : String(n); }
          function draw() {
            if (!timer) return;
            var s = Math.max(0, Math.round(left - (performance.now() - since) / 1000));
            var days = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
            var rest = two(m) + ':' + two(s % 60);
            timer.textContent = days > 0 ? days + ' ' + (days === 1 ? data.day : data.days) + ' ' + two(h) + ':' + rest
              : h > 0 ? h + ':' + rest : m + ':' + two(s % 60);
          }
          if (timer) { draw(); setInterval(draw, 1000); }

          function look() {
            if (document.hidden) return;
            fetch(data.stateUrl, { cache: 'no-store', credentials: 'omit' })
              .then(function (reply) { return reply.ok ? reply.json() : null; })
              .then(function (state) {
                if (!state) return;
                if (state.version !== data.version) { location.reload(); return; }
                left = state.seconds_left; since = performance.now();
              })
              .catch(function () {});
          }
          var settled = /[+]$/.test(data.version);
          if (data.face === 'active' || (data.face === 'paid' && !settled)) setInterval(look, 2000);
          document.addEventListener('visibilitychange', look);

          var button = document.getElementById('pay');
          if (button) {
            var words = button.textContent;
            button.form.addEventListener('submit', function (event) {
              if (button.getAttribute('aria-busy') === 'true') { event.preventDefault(); return; }
              button.setAttribute('aria-busy', 'true');
              button.textContent = button.dataset.busy;
            });
            addEventListener('pageshow', function (event) {
              if (!event.persisted) return;
              button.removeAttribute('aria-busy');
              button.textContent = words;
              look();
            });
          }
          if (data.face === 'paid' && data.close === 'yes') setTimeout(function () { window.close(); }, 1500);
        })();
        """
}
