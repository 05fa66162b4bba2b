// What a request costs at the edge (examine) and in the loader (decode): uploads of the vendor's
// two kinds of record, events and profiles.

#include "api/clevertap/decode.h"
#include "api/clevertap/test_record.h"

#include <benchmark/benchmark.h>

#include <string>

namespace api::clevertap {
namespace {

std::string records(std::int64_t count) {
  std::string out;
  for (std::int64_t number = 0; number < count; ++number) {
    const std::string person = std::to_string(100'000 + number % 50);
    out.append(number == 0 ? "" : ",");
    if (number % 10 == 9) {
      out.append(R"({"identity":"user-)").append(person);
      out.append(R"(","ts":1717500000,"type":"profile","profileData":{"Name":"Jack Montana",)");
      out.append(R"("Email":"jack@example.com","Phone":"+14155551234","Gender":"M",)");
      out.append(R"("Customer Type":"Gold","Points":{"$incr":7}}})");
    } else {
      out.append(R"({"identity":"user-)").append(person);
      out.append(R"(","ts":1717500000,"type":"event","evtName":"Product viewed","evtData":{)");
      out.append(R"("Product name":"Casio Chronograph Watch","Category":"Mens Watch",)");
      out.append(R"("Price":59.99,"Currency":"USD","Delivery By":"$D_1717900000"}})");
    }
  }
  return batch_of(out);
}

void examine(benchmark::State& state) {
  const std::string body = records(state.range(0));
  const event::Record record = test_record(body);
  for (auto _ : state) {
    benchmark::DoNotOptimize(clevertap::examine(record));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(examine)->ArgName("records")->Arg(1)->Arg(100);

void decode(benchmark::State& state) {
  const std::string body = records(state.range(0));
  const event::Record record = test_record(body);
  for (auto _ : state) {
    benchmark::DoNotOptimize(clevertap::decode(record));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode)->ArgName("records")->Arg(1)->Arg(100);

}  // namespace
}  // namespace api::clevertap
